import type { ApiKeysConfiguration } from "./api-keys.ts";

/** The cluster of the sandbox, and the workload in it that lives on a key. */
export const SANDBOX_CLUSTER = {
  name: "demo",
  /** The secret in Secrets Manager that holds its kubeconfig. */
  kubeconfigSecretName: "clusters/demo",
  /** Keyturn there, in the workload's namespace. */
  serviceAccountName: "keyturn",
  /** The managed key that is brought there, and what its target is called. */
  keyName: "sandbox-worker",
  targetId: "web",
  secretName: "pictify-credentials",
  dataKey: "api-key",
  deploymentName: "pictify-worker",
} as const;

/** For a rollout that is watched: the overlap is to the second what synthesis asks for. */
const WAY_TO_PODS = { overlap: "PT2M15S", rolloutTime: "PT10S", terminationGrace: "PT5S" } as const;

type InCluster = Required<Pick<ApiKeysConfiguration, "clusters" | "pictifyKeys">>;

/**
 * A key that is brought to the pods of one namespace, and the cluster; nothing where no namespace is named.
 * @param common what all keys of the sandbox have
 */
export const inCluster = (
  namespace: string | undefined,
  common: { readonly quiet: string; readonly recoveryWindowInDays: number },
): InCluster => {
  if (!namespace) return { clusters: {}, pictifyKeys: {} };
  const { name, kubeconfigSecretName, serviceAccountName, keyName, targetId, secretName, dataKey, deploymentName } =
    SANDBOX_CLUSTER;
  const { overlap, rolloutTime, terminationGrace } = WAY_TO_PODS;
  const target = {
    cluster: "Demo",
    id: targetId,
    namespace,
    secretName,
    dataKey,
    restart: [`deployment/${deploymentName}`],
    rolloutTime,
    terminationGrace,
  };
  return {
    clusters: { Demo: { name, kubeconfigSecretName, serviceAccount: `${namespace}/${serviceAccountName}` } },
    pictifyKeys: { Worker: { ...common, name: keyName, type: "live", overlap, targets: [target] } },
  };
};
