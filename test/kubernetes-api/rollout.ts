import type { V1DaemonSet, V1Deployment, V1Pod, V1StatefulSet } from "@kubernetes/client-node";
import type { TestCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { readWorkload, type Workload } from "./workloads.ts";

/*
 * What `kubectl rollout status` takes for complete (its pages, and those on the status of each kind), written for the tests
 * alone, so that they have a second opinion on what the functions conclude.
 */

const isSeen = ({ metadata, status }: V1Deployment | V1StatefulSet | V1DaemonSet): boolean =>
  (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);

const isDeploymentComplete = ({ spec, status }: V1Deployment): boolean => {
  const wanted = spec?.replicas ?? 1;
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status ?? {};
  return updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted;
};

/** By the pods of the new revision: one that updates on deletion never makes it the current revision (seen with v1.35). */
const isStatefulSetComplete = ({ spec, status }: V1StatefulSet): boolean => {
  const wanted = spec?.replicas ?? 1;
  const { updatedReplicas = 0, readyReplicas = 0, replicas = 0 } = status ?? {};
  return updatedReplicas === wanted && readyReplicas === wanted && replicas === wanted;
};

const isDaemonSetComplete = ({ status }: V1DaemonSet): boolean => {
  const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = status ?? {};
  return wanted > 0 && updatedNumberScheduled === wanted && numberAvailable === wanted;
};

const isComplete = {
  Deployment: isDeploymentComplete,
  StatefulSet: isStatefulSetComplete,
  DaemonSet: isDaemonSetComplete,
} as const;

/** Whether every pod of the workload is of its latest template, and available. */
export const isRolledOut = async (cluster: TestCluster, workload: Workload): Promise<boolean> => {
  const live = await readWorkload(cluster, workload);
  return isSeen(live) && isComplete[workload.kind](live as never);
};

export const untilRolledOut = (cluster: TestCluster, workload: Workload): Promise<boolean> =>
  eventually(`${workload.kind} ${workload.name} is rolled out`, () => isRolledOut(cluster, workload));

/** The pods of a workload of the fixtures, those that are stopping included. */
export const podsOf = async ({ core }: TestCluster, { namespace, name }: Workload): Promise<readonly V1Pod[]> => {
  const { items } = await core.listNamespacedPod({ namespace, labelSelector: `app=${name}` });
  return items;
};
