import {
  PatchStrategy,
  setHeaderOptions,
  type V1DaemonSet,
  type V1DaemonSetSpec,
  type V1Deployment,
  type V1DeploymentSpec,
  type V1StatefulSet,
  type V1StatefulSetSpec,
} from "@kubernetes/client-node";
import type { TestCluster } from "./cluster.ts";
import { type PodTemplateOptions, podTemplate } from "./pod-template.ts";

export type WorkloadKind = "Deployment" | "StatefulSet" | "DaemonSet";

export interface Workload {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
}

export interface WorkloadOptions<Spec> extends PodTemplateOptions {
  readonly namespace: string;
  /** Also the pods' label `app`. Default `web`. */
  readonly name?: string;
  /** Over the spec of the fixture: `{ replicas: 3, progressDeadlineSeconds: 2 }`. */
  readonly spec?: Partial<Spec>;
}

const metadataOf = ({ namespace, name = "web" }: WorkloadOptions<unknown>) => ({ namespace, name });

const specOf = (options: WorkloadOptions<unknown>) => {
  const { name } = metadataOf(options);
  return { selector: { matchLabels: { app: name } }, template: podTemplate(name, options) };
};

/** A Deployment of two pods. */
export const createDeployment = (
  { apps }: TestCluster,
  options: WorkloadOptions<V1DeploymentSpec>,
): Promise<V1Deployment> => {
  const spec = { replicas: 2, ...specOf(options), ...options.spec };
  const { namespace } = options;
  return apps.createNamespacedDeployment({ namespace, body: { metadata: metadataOf(options), spec } });
};

/** A StatefulSet of two pods, updated one at a time. */
export const createStatefulSet = (
  { apps }: TestCluster,
  options: WorkloadOptions<V1StatefulSetSpec>,
): Promise<V1StatefulSet> => {
  const metadata = metadataOf(options);
  const spec = { replicas: 2, serviceName: metadata.name, ...specOf(options), ...options.spec };
  return apps.createNamespacedStatefulSet({ namespace: options.namespace, body: { metadata, spec } });
};

/** A DaemonSet: one pod on each node, of which our own server has three; updated one at a time. */
export const createDaemonSet = (
  { apps }: TestCluster,
  options: WorkloadOptions<V1DaemonSetSpec>,
): Promise<V1DaemonSet> => {
  const spec = { ...specOf(options), ...options.spec };
  return apps.createNamespacedDaemonSet({
    namespace: options.namespace,
    body: { metadata: metadataOf(options), spec },
  });
};

/** Reads a workload of any kind. */
export const readWorkload = (
  { apps }: TestCluster,
  { kind, namespace, name }: Workload,
): Promise<V1Deployment | V1StatefulSet | V1DaemonSet> => {
  if (kind === "Deployment") return apps.readNamespacedDeployment({ namespace, name });
  if (kind === "StatefulSet") return apps.readNamespacedStatefulSet({ namespace, name });
  return apps.readNamespacedDaemonSet({ namespace, name });
};

/** Merges annotations into the pod template, which rolls the workload out; null takes one off. */
export const annotateTemplate = async (
  { apps }: TestCluster,
  { kind, namespace, name }: Workload,
  annotations: Readonly<Record<string, string | null>>,
): Promise<void> => {
  const parameters = { namespace, name, body: { spec: { template: { metadata: { annotations } } } } };
  const merge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
  if (kind === "Deployment") await apps.patchNamespacedDeployment(parameters, merge);
  else if (kind === "StatefulSet") await apps.patchNamespacedStatefulSet(parameters, merge);
  else await apps.patchNamespacedDaemonSet(parameters, merge);
};

/**
 * Replaces a workload as a tool does that knows nothing of what others put into it (`kubectl replace`, Argo CD's `Replace=true`):
 * its pod template loses these annotations. @param spec over its spec
 */
export const replaceWorkload = async (
  cluster: TestCluster,
  workload: Workload,
  annotations: readonly string[],
  spec: object = {},
): Promise<void> => {
  const { apps } = cluster;
  const { kind, namespace, name } = workload;
  const body = (await readWorkload(cluster, workload)) as V1Deployment & V1StatefulSet & V1DaemonSet;
  body.metadata = { name, namespace, labels: body.metadata?.labels ?? {} };
  Object.assign(body.spec ?? {}, spec);
  for (const annotation of annotations) delete body.spec?.template.metadata?.annotations?.[annotation];
  const parameters = { namespace, name, body, fieldManager: "argocd-controller" };
  if (kind === "Deployment") await apps.replaceNamespacedDeployment(parameters);
  else if (kind === "StatefulSet") await apps.replaceNamespacedStatefulSet(parameters);
  else await apps.replaceNamespacedDaemonSet(parameters);
};
