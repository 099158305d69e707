import { shellQuoted } from "../environment-files.ts";
import type { ClusterChoice, DemoCluster } from "./kubernetes/cluster.ts";

export interface Kept {
  /** By which everything is reached; none in process, where nothing can be. */
  readonly environmentFile?: string;
  readonly cluster: ClusterChoice;
}

const lookAtPods = ({ adminKubeconfigPath, namespace }: DemoCluster): string =>
  `kubectl --kubeconfig ${shellQuoted(adminKubeconfigPath)} -n ${namespace} get pods`;

/** For a run that is kept: what is where. */
export const keptText = ({ environmentFile, cluster: { found } }: Kept): string =>
  [
    "It keeps running until you press Ctrl-C.",
    ...(environmentFile === undefined ? [] : [`To reach it from another shell:  . ${environmentFile}`]),
    ...(found ? [`To look at the pods:  ${lookAtPods(found)}`] : []),
  ].join("\n");
