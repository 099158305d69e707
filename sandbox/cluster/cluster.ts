import type { Clock } from "../../lambdas/clock.ts";
import type { ClusterSend } from "../../lambdas/targets/kubernetes/transport.ts";
import { createApiServer } from "./api-server.ts";
import { Deployments } from "./deployments.ts";
import { ExternalSecretsOperator, type OperatorOptions } from "./external-secrets-operator.ts";
import type { JsonObject } from "./json.ts";
import { ObjectStore } from "./object-store.ts";
import { type NodeTimes, type Pod, type PodListener, Pods } from "./pods.ts";

/*
 * A Kubernetes cluster in one process, on any clock: an API server, the controller of Deployments, nodes, and with them the External
 * Secrets Operator. Written from the Kubernetes documentation, v1.35, as each part says, and held to a real API server by
 * test/sandbox/cluster/kubernetes-agreement.test.ts: what Keyturn reads of both is the same.
 *
 * Leaves out: all requests that Keyturn does not make (create, update, delete, watch, other patches, paging), kinds other than
 * Secret, Deployment and ExternalSecret, rights, admission and validation, immutable Secrets, default values, lists that are merged
 * by their items, types of Secrets, events, and who holds what is put again into a map that had become empty; nodes that fail,
 * probes, restarts of containers, mounted files.
 */
export interface ClusterOptions {
  readonly clock: Clock;
  readonly namespaces: readonly string[];
  /** Whether somebody with this bearer token may ask. @default everybody */
  readonly knows?: (token: string | undefined) => boolean;
  readonly times?: NodeTimes & {
    /** How long after a change controllers see it, in milliseconds. @default 1,000 */
    readonly controllerMs?: number;
  };
  /** Why an image cannot be pulled, such as `ErrImagePull`. @default each can */
  readonly imageFault?: (image: string) => string | undefined;
  /** With the External Secrets Operator, which reads Secrets Manager so. @default without it */
  readonly operator?: Pick<OperatorOptions, "readVersion" | "delayMs">;
}

/** A Secret as it truly is. */
export interface SecretFacts {
  readonly annotations: Readonly<Record<string, string>>;
  /** Decoded. */
  readonly data: Readonly<Record<string, string>>;
}

export interface SimulatedCluster {
  /** The API server, at the seam of Keyturn's own transport. */
  readonly send: ClusterSend;
  /** All pods, those that are being deleted included, oldest first. */
  pods(): readonly Pod[];
  onPod(listener: PodListener): void;
  /** An object as the API server would answer it; `undefined`: there is none. */
  object(resource: string, namespace: string, name: string): JsonObject | undefined;
  secret(namespace: string, name: string): SecretFacts | undefined;
  /** Deletes an object, as a person does. */
  delete(resource: string, namespace: string, name: string): void;
}

const CORE = { secrets: "/api/v1", deployments: "/apis/apps/v1" } as const;
const CONTROLLER_MS = 1_000;

const decoded = (data: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));

export const createCluster = (options: ClusterOptions): SimulatedCluster => {
  const { clock, times = {}, imageFault, operator, knows = () => true } = options;
  const store = new ObjectStore(clock);

  const object: SimulatedCluster["object"] = (resource, namespace, name) => {
    const place = { resource, namespace, name };
    const stored = store.get(place);
    return stored && store.render(place, stored);
  };

  const dataOf = (namespace: string, name: string) => {
    const found = object("secrets", namespace, name);
    return found && ((found.data ?? {}) as Readonly<Record<string, string>>);
  };

  const pods = new Pods({ clock, times, readSecretData: dataOf, ...(imageFault ? { imageFault } : {}) });
  new Deployments(clock, store, pods, times.controllerMs ?? CONTROLLER_MS);
  if (operator) new ExternalSecretsOperator({ clock, store, ...operator });
  const resources = operator ? { ...CORE, externalsecrets: "/apis/external-secrets.io/v1" } : CORE;
  const namespaces = new Set(options.namespaces);

  return {
    send: createApiServer({ clock, store, pods, namespaces, resources, knows }),
    pods: () => pods.all(),
    onPod: (listener) => pods.onPod(listener),
    object,
    secret(namespace, name) {
      const found = object("secrets", namespace, name);
      if (!found) return undefined;
      const { annotations = {} } = found.metadata as { annotations?: Readonly<Record<string, string>> };
      return { annotations, data: decoded(dataOf(namespace, name) ?? {}) };
    },
    delete: (resource, namespace, name) => store.delete({ resource, namespace, name }),
  };
};
