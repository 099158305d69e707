import { expect, test } from "vitest";
import { systemClock } from "../../../../lambdas/clock.ts";
import { type ClusterSend, sendOverHttps } from "../../../../lambdas/targets/kubernetes/transport.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../../kubernetes-api/eventually.ts";
import { untilRolledOut } from "../../../kubernetes-api/rollout.ts";
import { createDeployment } from "../../../kubernetes-api/workloads.ts";
import { createDistribution, secretTarget } from "../stand.ts";

/** How many rotations are measured. Nothing is asserted of the times: they say as much of the machine as of the code. */
const ROTATIONS = Number(process.env.KEYTURN_ROTATIONS ?? 3);

const summary = (timesMs: readonly number[]): string => {
  const sorted = timesMs.toSorted((a, b) => a - b);
  return `median ${sorted[sorted.length >> 1]} ms, worst ${sorted.at(-1)} ms`;
};

describeWithKubernetes("from AWSCURRENT moving", (cluster: () => TestCluster) => {
  test("every rotation is adopted", { timeout: 60_000 + ROTATIONS * 10_000 }, async () => {
    let writtenMs = 0;
    const send: ClusterSend = async (endpoint, request) => {
      const answer = await sendOverHttps(endpoint, request);
      if (request.method === "PATCH" && request.path.includes("/secrets/")) writtenMs = systemClock.now();
      return answer;
    };
    const namespace = await cluster().freshNamespace();
    const restart = [{ kind: "deployment", name: "web" }] as const;
    await createDeployment(cluster(), { namespace, spec: { replicas: 3 } });
    await untilRolledOut(cluster(), { kind: "Deployment", namespace, name: "web" });
    const stand = await createDistribution({ kubeconfig: cluster().kubeconfig, world: { send } });
    const key = await stand.declare([secretTarget(namespace, { restart })]);
    await stand.apply(key);
    const written: number[] = [];
    const adopted: number[] = [];
    for (let rotation = 0; rotation < ROTATIONS; rotation++) {
      await stand.rotate(key);
      const movedMs = systemClock.now();
      await stand.apply(key);
      written.push(writtenMs - movedMs);
      await eventually("it has adopted", async () => (await stand.observe(key)).adopted);
      adopted.push(systemClock.now() - movedMs);
      await stand.retire(key);
    }
    console.log(`${ROTATIONS} rotations: Secret updated ${summary(written)}; rollout adopted ${summary(adopted)}`);
    expect(adopted).toHaveLength(ROTATIONS);
  });
});
