import { expect, test } from "vitest";
import { type ClusterSend, sendOverHttps } from "../../../../lambdas/targets/kubernetes/transport.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../../kubernetes-api/eventually.ts";
import { type Fault, startFaultyFront } from "../../../kubernetes-api/faulty-front.ts";
import { startOwnCluster } from "../../../kubernetes-api/own-cluster.ts";
import { untilRolledOut } from "../../../kubernetes-api/rollout.ts";
import { createDeployment } from "../../../kubernetes-api/workloads.ts";
import { base64, createDistribution, type DistributionStand, secretTarget, type TestKey } from "../stand.ts";

const NAME = "pictify-credentials";
const restart = [{ kind: "deployment", name: "web" }] as const;

/** What one `apply` with one workload asks of a cluster, in its order. */
const CALLS = [
  "GET deployments",
  "GET secrets",
  "PATCH secrets",
  "GET deployments",
  "PATCH deployments",
  "GET deployments",
  "GET pods",
] as const;
const INDICES = CALLS.map((call, index) => [call, index] as const);

const FAULTS: readonly (readonly [string, Fault])[] = [
  ["answered with 429 and Retry-After", { kind: "answer", status: 429, headers: { "Retry-After": "1" } }],
  ["answered with 503", { kind: "answer", status: 503 }],
  ["cut off", { kind: "cut" }],
  ["done, and its answer lost", { kind: "lose-answer" }],
];

const callOf = ({ method, path }: { method: string; path: string }): string =>
  `${method} ${/\/(secrets|deployments|pods)/.exec(path)?.[1]}`;

describeWithKubernetes(
  "an API server that fails",
  (cluster: () => TestCluster) => {
    const declared = async (on: TestCluster, kubeconfig: string, options: object = {}) => {
      const namespace = await on.freshNamespace();
      await createDeployment(on, { namespace });
      await untilRolledOut(on, { kind: "Deployment", namespace, name: "web" });
      const stand = await createDistribution({ kubeconfig, ...options });
      const key = await stand.declare([secretTarget(namespace, { restart })]);
      return { namespace, stand, key };
    };
    const expectAdopted = async (on: TestCluster, namespace: string, stand: DistributionStand, key: TestKey) => {
      await eventually("it has adopted", async () => (await stand.observe(key)).adopted);
      const { data } = await on.core.readNamespacedSecret({ name: NAME, namespace });
      expect(data?.["api-key"]).toBe(base64(key.apiKey));
    };

    test("is asked in the order that the other tests go by", async () => {
      const front = await startFaultyFront(cluster());
      const { stand, key } = await declared(cluster(), front.through(cluster().kubeconfig));
      await stand.apply(key);
      expect(front.requests.map(callOf)).toEqual(CALLS);
    });

    test.each(INDICES)(
      "%s (call %i) is tried again, whatever went wrong, and it is all done once",
      async (_, failing) => {
        for (const [, fault] of FAULTS) {
          const front = await startFaultyFront(cluster());
          const { namespace, stand, key } = await declared(cluster(), front.through(cluster().kubeconfig));
          front.decideBy(({ index }) => (index === failing ? fault : undefined));
          const result = await stand.apply(key);
          expect(result.code ?? "adopted").toMatch(/^(ROLLING|adopted)$/);
          await expectAdopted(cluster(), namespace, stand, key);
          const { metadata } = await cluster().apps.readNamespacedDeployment({ name: "web", namespace });
          expect(metadata?.generation).toBe(2);
        }
      },
    );

    test("is waited for as long as it asks", async () => {
      const front = await startFaultyFront(cluster());
      const { stand, key } = await declared(cluster(), front.through(cluster().kubeconfig), { timeoutMs: 6_000 });
      const headers = { "Retry-After": "10" };
      front.decideBy(() => ({ kind: "answer", status: 429, headers }));
      const result = await stand.apply(key);
      expect(result).toMatchObject({ adopted: false, code: "RATE_LIMITED" });
      expect(front.requests.length).toBe(1);
    });

    test.each([
      ["always answers 503", { kind: "answer", status: 503 }, "UNAVAILABLE"],
      ["always cuts the connection", { kind: "cut" }, "UNREACHABLE"],
      ["always answers 401", { kind: "answer", status: 401 }, "UNAUTHORIZED"],
    ] as const)("that %s is reported as such, in time", async (_, fault, code) => {
      const front = await startFaultyFront(cluster());
      const { stand, key } = await declared(cluster(), front.through(cluster().kubeconfig), { timeoutMs: 6_000 });
      front.decideBy(() => fault);
      expect(await stand.apply(key)).toMatchObject({ adopted: false, code });
    });

    test("a change by somebody else at the same moment is looked at again", async () => {
      const front = await startFaultyFront(cluster());
      const { namespace, stand, key } = await declared(cluster(), front.through(cluster().kubeconfig));
      const conflicts = new Set<string>();
      front.decideBy((request) => {
        if (request.method !== "PATCH" || conflicts.has(callOf(request))) return undefined;
        conflicts.add(callOf(request));
        return { kind: "answer", status: 409 };
      });
      await stand.apply(key);
      expect(conflicts).toEqual(new Set(["PATCH secrets", "PATCH deployments"]));
      await expectAdopted(cluster(), namespace, stand, key);
    });

    test("a namespace that is gone is named", async () => {
      const stand = await createDistribution({ kubeconfig: cluster().kubeconfig });
      const key = await stand.declare([secretTarget("no-such-namespace")]);
      const result = await stand.apply(key);
      expect(result).toMatchObject({ adopted: false, code: "NOT_FOUND" });
      expect(result.reason).toContain("no namespace no-such-namespace");
      expect(await stand.observe(key)).toMatchObject({ adopted: false, code: "BEHIND" });
    });

    test("one with another certificate is not spoken to", async () => {
      const { kubeconfig } = cluster();
      const wrong = kubeconfig.replace(/(certificate-authority-data: ).*/, "$1");
      const stand = await createDistribution({ kubeconfig: wrong });
      const key = await stand.declare([secretTarget("default")]);
      expect(await stand.apply(key)).toMatchObject({ adopted: false, code: "BAD_ACCESS" });
    });

    test("one that is killed and comes back in the middle of each call is waited for", {
      timeout: 180_000,
    }, async () => {
      const own = await startOwnCluster();
      for (const [, failing] of INDICES) {
        const front = await startFaultyFront(own);
        const { namespace, stand, key } = await declared(own, front.through(own.kubeconfig));
        let restarted: Promise<void> | undefined;
        front.decideBy(async ({ index }) => {
          if (index !== failing) return undefined;
          await own.kill();
          restarted = own.start();
          return { kind: "cut" };
        });
        await stand.apply(key);
        await restarted;
        await expectAdopted(own, namespace, stand, key);
      }
    });
  },
  { ownServer: true },
);

describeWithKubernetes("a function that dies", (cluster: () => TestCluster) => {
  const dyingAt = (moment: number, isAfter: boolean): ClusterSend => {
    let sent = 0;
    return async (endpoint, request) => {
      const index = sent++;
      if (index > moment || (index === moment && !isAfter)) return new Promise(() => {});
      const answer = await sendOverHttps(endpoint, request);
      return index === moment ? new Promise(() => {}) : answer;
    };
  };

  test.each(INDICES)(
    "at %s (call %i), before it or after it, leaves nothing that the next one does not finish",
    async (_, moment) => {
      for (const isAfter of [false, true]) {
        const namespace = await cluster().freshNamespace();
        await createDeployment(cluster(), { namespace });
        let send = dyingAt(moment, isAfter);
        const world = { send: ((endpoint, request) => send(endpoint, request)) as ClusterSend };
        const stand = await createDistribution({ kubeconfig: cluster().kubeconfig, world, timeoutMs: 4_000 });
        const key = await stand.declare([secretTarget(namespace, { restart })]);
        const died = await stand.apply(key);
        send = sendOverHttps;
        await stand.apply(key);
        await eventually("it has adopted", async () => (await stand.observe(key)).adopted);
        expect(died).toMatchObject({ adopted: false, code: "TIMEOUT" });
        const { data } = await cluster().core.readNamespacedSecret({ name: NAME, namespace });
        expect(data?.["api-key"]).toBe(base64(key.apiKey));
      }
    },
  );
});
