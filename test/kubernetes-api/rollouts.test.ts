import type { V1Pod } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import type { TestCluster } from "./cluster.ts";
import { describeWithKubernetes } from "./describe-with-kubernetes.ts";
import { eventually } from "./eventually.ts";
import { isRolledOut, podsOf, untilRolledOut } from "./rollout.ts";
import {
  annotateTemplate,
  createDaemonSet,
  createDeployment,
  createStatefulSet,
  readWorkload,
  type Workload,
  type WorkloadKind,
} from "./workloads.ts";

const ANNOTATION = "keyturn.test/version";

const create = async (cluster: TestCluster, kind: WorkloadKind, updateStrategy?: "OnDelete"): Promise<Workload> => {
  const namespace = await cluster.freshNamespace();
  const strategy = updateStrategy ? { updateStrategy: { type: updateStrategy } } : {};
  if (kind === "Deployment") await createDeployment(cluster, { namespace });
  if (kind === "StatefulSet") await createStatefulSet(cluster, { namespace, spec: strategy });
  if (kind === "DaemonSet") await createDaemonSet(cluster, { namespace, spec: strategy });
  const workload = { kind, namespace, name: "web" };
  await untilRolledOut(cluster, workload);
  return workload;
};

const versionOf = (pod: V1Pod): string | undefined => pod.metadata?.annotations?.[ANNOTATION];

const isSeen = async (cluster: TestCluster, workload: Workload): Promise<boolean> => {
  const { metadata, status } = await readWorkload(cluster, workload);
  return status?.observedGeneration === metadata?.generation;
};

describeWithKubernetes("workloads", (cluster) => {
  test.each(["Deployment", "StatefulSet", "DaemonSet"] as const)(
    "an annotation of its template replaces every pod of a %s",
    async (kind) => {
      const workload = await create(cluster(), kind);
      const before = (await podsOf(cluster(), workload)).map(({ metadata }) => metadata?.uid);

      await annotateTemplate(cluster(), workload, { [ANNOTATION]: "v2" });
      await untilRolledOut(cluster(), workload);

      const after = await eventually("the old pods are gone", async () => {
        const pods = await podsOf(cluster(), workload);
        return pods.length === before.length && pods;
      });
      expect(before.length).toBeGreaterThan(0);
      expect(after.map(versionOf)).toEqual(before.map(() => "v2"));
      expect(after.filter(({ metadata }) => before.includes(metadata?.uid))).toEqual([]);
    },
  );

  test.each(["StatefulSet", "DaemonSet"] as const)(
    "a %s that updates on deletion keeps its pods until they are deleted",
    async (kind) => {
      const workload = await create(cluster(), kind, "OnDelete");
      const before = await podsOf(cluster(), workload);

      await annotateTemplate(cluster(), workload, { [ANNOTATION]: "v2" });
      await eventually("the controller has seen it", () => isSeen(cluster(), workload));
      const kept = await podsOf(cluster(), workload);
      const isCompleteWithOldPods = await isRolledOut(cluster(), workload);
      await cluster().core.deleteCollectionNamespacedPod({ namespace: workload.namespace, labelSelector: "app=web" });

      expect(kept.map(({ metadata }) => metadata?.uid).sort()).toEqual(
        before.map(({ metadata }) => metadata?.uid).sort(),
      );
      expect(isCompleteWithOldPods).toBe(false);
      await eventually("every pod is of the new template", async () => {
        const pods = await podsOf(cluster(), workload);
        return pods.length === before.length && pods.every((pod) => versionOf(pod) === "v2");
      });
      await untilRolledOut(cluster(), workload);
    },
  );
});
