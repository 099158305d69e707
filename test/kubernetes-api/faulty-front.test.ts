import { CoreV1Api, Watch } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { configOf } from "./cluster.ts";
import { describeWithKubernetes } from "./describe-with-kubernetes.ts";
import { startFaultyFront } from "./faulty-front.ts";
import { startOwnCluster } from "./own-cluster.ts";
import { statusOfRefusal } from "./status-of-refusal.ts";

const secretNamed = (name: string) => ({ body: { metadata: { name } } });

describeWithKubernetes(
  "a front that refuses and cuts off",
  (cluster) => {
    const behindFront = async () => {
      const front = await startFaultyFront(cluster());
      const namespace = await cluster().freshNamespace();
      return { front, namespace, core: configOf(front.through(cluster().kubeconfig)).makeApiClient(CoreV1Api) };
    };
    const namesIn = async (namespace: string) => {
      const { items } = await cluster().core.listNamespacedSecret({ namespace });
      return items.map(({ metadata }) => metadata?.name);
    };

    test("passes on what nothing is decided for, and remembers it", async () => {
      const { front, namespace, core } = await behindFront();

      await core.createNamespacedSecret({ namespace, ...secretNamed("one") });

      expect(await namesIn(namespace)).toEqual(["one"]);
      expect(front.requests).toEqual([{ method: "POST", path: `/api/v1/namespaces/${namespace}/secrets`, index: 0 }]);
    });

    test("an answer in the API server's place is Kubernetes's own form, and nothing has happened", async () => {
      const { front, namespace, core } = await behindFront();
      front.decideBy(({ index }) => (index === 0 ? { kind: "answer", status: 429 } : undefined));

      const refusal = await statusOfRefusal(core.createNamespacedSecret({ namespace, ...secretNamed("one") }));
      const before = await namesIn(namespace);
      await core.createNamespacedSecret({ namespace, ...secretNamed("one") });

      expect(refusal).toMatchObject({ kind: "Status", code: 429, reason: "TooManyRequests" });
      expect(before).toEqual([]);
      expect(await namesIn(namespace)).toEqual(["one"]);
    });

    test("a connection that is cut has done nothing", async () => {
      const { front, namespace, core } = await behindFront();
      front.decideBy(() => ({ kind: "cut" }));

      await expect(core.createNamespacedSecret({ namespace, ...secretNamed("one") })).rejects.toThrow();

      expect(await namesIn(namespace)).toEqual([]);
    });

    test("a lost answer is a thing done that the client does not know of", async () => {
      const { front, namespace, core } = await behindFront();
      front.decideBy(() => ({ kind: "lose-answer" }));

      await expect(core.createNamespacedSecret({ namespace, ...secretNamed("one") })).rejects.toThrow();

      expect(await namesIn(namespace)).toEqual(["one"]);
    });

    test("the API server can die and come back before a request reaches it", async () => {
      const own = await startOwnCluster();
      const namespace = await own.freshNamespace();
      const front = await startFaultyFront(own);
      front.decideBy(async () => {
        await own.kill();
        await own.start();
        return undefined;
      });
      const core = configOf(front.through(own.kubeconfig)).makeApiClient(CoreV1Api);

      const made = await core.createNamespacedSecret({ namespace, ...secretNamed("one") });

      expect(made.metadata?.name).toBe("one");
    });

    test("a watch goes through as it happens", async () => {
      const { front, namespace, core } = await behindFront();
      const watch = new Watch(configOf(front.through(cluster().kubeconfig)));
      const seen = new Promise<string>((done, fail) => {
        const path = `/api/v1/namespaces/${namespace}/secrets`;
        watch.watch(path, {}, (phase, { metadata }) => done(`${phase} ${metadata.name}`), fail).catch(fail);
      });

      await core.createNamespacedSecret({ namespace, ...secretNamed("one") });

      expect(await seen).toBe("ADDED one");
    });
  },
  { ownServer: true },
);
