import type { ClusterWorld } from "../../../lambdas/targets/kubernetes/transport.ts";
import { sendOverHttps } from "../../../lambdas/targets/kubernetes/transport.ts";
import { kubeconfigsBy } from "../../in-process/account.ts";
import type { Alongside, ClusterChoice } from "./cluster.ts";

/** The variables by which the sandbox's stack is told of the cluster. */
export const clusterVariables = ({ found }: ClusterChoice): Record<string, string> =>
  found ? { KEYTURN_CLUSTER_NAMESPACE: found.namespace } : {};

/**
 * The functions' way to the cluster, for a clock that may be moved: it goes as slowly as the wall's while a request is under way,
 * and while what a request began is being rolled out.
 */
export const followedClusters = ({ found }: ClusterChoice, alongside: Alongside): ClusterWorld =>
  kubeconfigsBy(async (endpoint, request) => {
    const answer = await alongside(sendOverHttps(endpoint, request));
    // A rollout that does not come to its end is for the play to find.
    if (request.method === "PATCH") found?.atRest().catch(() => {});
    return answer;
  });
