import { expect, test } from "vitest";
import { systemClock } from "../../../../lambdas/clock.ts";
import { placeGrantOf } from "../../../../lambdas/contracts/place-grant.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../../kubernetes-api/eventually.ts";
import { startOwnCluster } from "../../../kubernetes-api/own-cluster.ts";
import { createDeployment } from "../../../kubernetes-api/workloads.ts";
import { base64, createDistribution, type DistributionStand, secretTarget, type TestKey } from "../stand.ts";

const NAME = "pictify-credentials";
const SECOND = "second";
const SECOND_KUBECONFIG = "keyturn/clusters/second";
const restart = [{ kind: "deployment", name: "web" }] as const;

describeWithKubernetes(
  "targets in several namespaces of several clusters",
  (cluster: () => TestCluster) => {
    const started = async () => {
      const own = await startOwnCluster();
      const [web, api] = [await cluster().freshNamespace(), await cluster().freshNamespace()];
      const far = await own.freshNamespace();
      await createDeployment(cluster(), { namespace: web });
      await createDeployment(own, { namespace: far });
      const targets = [
        secretTarget(web, { restart }),
        secretTarget(api, { id: "api" }),
        secretTarget(far, { id: "far", cluster: SECOND, restart }),
      ];
      const serves = targets.map((target) => placeGrantOf("keyturn/prod/*", target));
      const stand = await createDistribution({
        kubeconfig: cluster().kubeconfig,
        timeoutMs: 12_000,
        clusters: { [SECOND]: { access: { kubeconfigSecret: SECOND_KUBECONFIG }, serves } },
      });
      await stand.aws("CreateSecret", { Name: SECOND_KUBECONFIG, SecretString: own.kubeconfig });
      const key = await stand.declare(targets);
      const places: readonly (readonly [TestCluster, string])[] = [
        [cluster(), web],
        [cluster(), api],
        [own, far],
      ];
      const values = () =>
        Promise.all(
          places.map(async ([{ core }, namespace]) => {
            const { data } = await core.readNamespacedSecret({ name: NAME, namespace });
            return data?.["api-key"];
          }),
        );
      return { own, web, stand, key, values };
    };
    const statesOf = async (stand: DistributionStand, key: TestKey, action: "apply" | "observe" = "observe") => {
      const { targets } = await stand.ask(action, [key]);
      return Object.fromEntries(targets.map(({ id, adopted, code }) => [id, adopted ? "adopted" : code]));
    };
    const ALL = { web: "adopted", api: "adopted", far: "adopted" };
    const untilAllAdopted = (stand: DistributionStand, key: TestKey) =>
      eventually("all targets have adopted", async () => {
        const states = await statesOf(stand, key);
        return Object.values(states).every((state) => state === "adopted") && states;
      });

    test("all get the value of one apply, and one cluster that is away holds up no other", async () => {
      const { own, web, stand, key, values } = await started();
      await stand.ask("apply", [key]);
      const first = await untilAllAdopted(stand, key);

      await own.kill();
      await stand.rotate(key);
      const answering = stand.ask("apply", [key]);
      const [near] = await Promise.all([
        eventually("the other cluster has the value, before the answer", async () => {
          const { data } = await cluster().core.readNamespacedSecret({ name: NAME, namespace: web });
          return data?.["api-key"] === base64(key.apiKey) && systemClock.now();
        }),
        answering,
      ]);
      const answeredMs = systemClock.now();
      const whileAway = await eventually("the others have adopted", async () => {
        const states = await statesOf(stand, key);
        return states.web === "adopted" && states;
      });
      await own.start();
      const back = await statesOf(stand, key);
      await stand.ask("apply", [key]);
      await untilAllAdopted(stand, key);

      expect(first).toEqual(ALL);
      expect(near).toBeLessThan(answeredMs);
      expect(whileAway).toEqual({ ...ALL, far: "UNREACHABLE" });
      expect(back).toEqual({ ...ALL, far: "BEHIND" });
      expect(await values()).toEqual(Array(3).fill(base64(key.apiKey)));
    });
  },
  { ownServer: true },
);
