import type { V1Container, V1EnvVar, V1PodSpec, V1PodTemplateSpec } from "@kubernetes/client-node";

export interface PodTemplateOptions {
  /** Of the pod template. Default: none. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Over the container of the fixture, which does nothing for ever. */
  readonly container?: Partial<V1Container>;
  /** Over the pod of the fixture. */
  readonly pod?: Partial<V1PodSpec>;
}

/** A pod of one container that a real cluster could run too, and that ends within a second. */
export const podTemplate = (app: string, options: PodTemplateOptions): V1PodTemplateSpec => ({
  metadata: { labels: { app }, annotations: { ...options.annotations } },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: app, image: "busybox:1.37", command: ["sleep", "infinity"], ...options.container }],
    ...options.pod,
  },
});

export interface KeyInput {
  /** Default `pictify-credentials`. */
  readonly secretName?: string;
  /** Default `api-key`. */
  readonly key?: string;
  /** Default false: without it the container does not start. */
  readonly optional?: boolean;
}

/** The key as a variable: `container: { env: [keyVariable("PICTIFY_API_KEY")] }`. */
export const keyVariable = (name: string, input: KeyInput = {}): V1EnvVar => {
  const { secretName = "pictify-credentials", key = "api-key", optional = false } = input;
  return { name, valueFrom: { secretKeyRef: { name: secretName, key, optional } } };
};

/** The key as a file at /etc/keyturn/<key>: options for a workload. */
export const keyFile = (input: KeyInput = {}): Required<Pick<PodTemplateOptions, "container" | "pod">> => {
  const { secretName = "pictify-credentials", key = "api-key", optional = false } = input;
  const volumeMounts = [{ name: "key", mountPath: "/etc/keyturn", readOnly: true }];
  const volumes = [{ name: "key", secret: { secretName, optional, items: [{ key, path: key }] } }];
  return { container: { volumeMounts }, pod: { volumes } };
};
