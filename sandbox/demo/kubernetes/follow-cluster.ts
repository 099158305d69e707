import {
  CoreV1Api,
  type KubeConfig,
  type KubernetesListObject,
  type KubernetesObject,
  ListWatch,
  type V1Pod,
  type V1Secret,
  Watch,
} from "@kubernetes/client-node";
import { systemClock } from "../../../lambdas/clock.ts";
import { Redacted } from "../../../lambdas/redacted.ts";
import { ANNOTATIONS } from "../../../lambdas/targets/kubernetes/names.ts";
import { SANDBOX_CLUSTER } from "../../../stacks/sandbox-cluster.ts";
import type { SecretRevision } from "./injected-value.ts";
import type { Pods, SeenPod } from "./pods.ts";
import { WORKER_LABELS } from "./worker.ts";

const { secretName, dataKey } = SANDBOX_CLUSTER;
const labelSelector = `app=${WORKER_LABELS.app}`;

/** Our own nodes write here with which Secrets the containers started: JSON of names and resource versions. */
const STARTED_WITH = "fake-node.test/started-with";

const RESTART_MS = 500;

const startedWith = ({ metadata }: V1Pod): string | undefined => {
  const told = metadata?.annotations?.[STARTED_WITH];
  return told === undefined ? undefined : (JSON.parse(told) as Record<string, string>)[secretName];
};

export const seenPod = (pod: V1Pod): SeenPod => ({
  uid: pod.metadata?.uid ?? "",
  name: pod.metadata?.name ?? "",
  resourceVersion: pod.metadata?.resourceVersion ?? "0",
  isRunning: pod.status?.phase === "Running" && pod.status.containerStatuses?.[0]?.state?.running !== undefined,
  startedWith: startedWith(pod),
});

export const revisionOf = ({ metadata, data }: V1Secret): SecretRevision => {
  const value = data?.[dataKey];
  return {
    resourceVersion: metadata?.resourceVersion ?? "0",
    versionId: metadata?.annotations?.[ANNOTATIONS.version],
    value: value === undefined ? undefined : new Redacted(Buffer.from(value, "base64").toString()),
  };
};

interface Followed<Object extends KubernetesObject> {
  readonly path: string;
  readonly list: () => Promise<KubernetesListObject<Object>>;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly onSeen: (object: Object) => void;
  readonly onGone: (object: Object) => void;
}

/** Follows objects of one kind until it is stopped; a connection that breaks is made anew. */
const follow = async <Object extends KubernetesObject>(
  config: KubeConfig,
  { path, list, labelSelector, fieldSelector, onSeen, onGone }: Followed<Object>,
): Promise<() => Promise<void>> => {
  let isStopped = false;
  const watch = new ListWatch<Object>(path, new Watch(config), list, false, labelSelector, fieldSelector);
  watch.on("add", onSeen);
  watch.on("update", onSeen);
  watch.on("delete", onGone);
  watch.on("error", async () => {
    await systemClock.sleep(RESTART_MS);
    if (!isStopped) await watch.start();
  });
  await watch.start();
  return () => {
    isStopped = true;
    return watch.stop();
  };
};

/** Tells `pods` of the worker's Secret and of its pods. @returns what ends that */
export const followWorker = async (config: KubeConfig, namespace: string, pods: Pods): Promise<() => Promise<void>> => {
  const core = config.makeApiClient(CoreV1Api);
  const fieldSelector = `metadata.name=${secretName}`;
  const stops = await Promise.all([
    follow<V1Secret>(config, {
      path: `/api/v1/namespaces/${namespace}/secrets`,
      list: () => core.listNamespacedSecret({ namespace, fieldSelector }),
      fieldSelector,
      onSeen: (secret) => pods.secretSeen(revisionOf(secret)),
      onGone: ({ metadata }) => pods.secretSeen(revisionOf({ metadata: { ...metadata } })),
    }),
    follow<V1Pod>(config, {
      path: `/api/v1/namespaces/${namespace}/pods`,
      list: () => core.listNamespacedPod({ namespace, labelSelector }),
      labelSelector,
      onSeen: (pod) => pods.podSeen(seenPod(pod)),
      onGone: ({ metadata }) => pods.podGone(metadata?.uid ?? ""),
    }),
  ]);
  return async () => void (await Promise.all(stops.map((stop) => stop())));
};
