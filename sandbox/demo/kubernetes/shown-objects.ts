import { AppsV1Api, CoreV1Api, type KubeConfig, type V1Secret } from "@kubernetes/client-node";

const withoutValues = (secret: V1Secret): V1Secret => ({
  ...secret,
  data: Object.fromEntries(Object.keys(secret.data ?? {}).map((key) => [key, ""])),
});

/** What a namespace shows to whoever may not read Secrets, as JSON: in none of it a value may stand. */
export const shownObjects = async (admin: KubeConfig, namespace: string): Promise<string> => {
  const apps = admin.makeApiClient(AppsV1Api);
  const core = admin.makeApiClient(CoreV1Api);
  const [deployments, replicaSets, pods, events, secrets] = await Promise.all([
    apps.listNamespacedDeployment({ namespace }),
    apps.listNamespacedReplicaSet({ namespace }),
    core.listNamespacedPod({ namespace }),
    core.listNamespacedEvent({ namespace }),
    core.listNamespacedSecret({ namespace }),
  ]);
  const shown = [deployments, replicaSets, pods, events].flatMap(({ items }) => items as object[]);
  return JSON.stringify([...shown, ...secrets.items.map(withoutValues)], null, 2);
};
