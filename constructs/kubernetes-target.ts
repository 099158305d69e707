import { NAME_FORM } from "../lambdas/contracts/key-name.ts";
import {
  DEFAULT_DELAY_MS,
  DEFAULT_REFRESH_MS,
  type KubernetesPlace,
  STORE_KINDS,
  type TargetDeclaration,
} from "../lambdas/contracts/targets.ts";
import type { KubernetesCluster } from "./kubernetes-cluster.ts";
import {
  dataKeyProperty,
  namespaceProperty,
  restartProperty,
  secretNameProperty,
  storeNameProperty,
} from "./place-properties.ts";
import { durationProperty, formProperty, oneOf, refuse } from "./property-checks.ts";
import type { Stretch } from "./way-to-workloads.ts";

/** What every target in a Kubernetes cluster has. */
export interface KubernetesTargetProps {
  /** The cluster: what `KeyRotationService.addCluster` returned. */
  readonly cluster: KubernetesCluster;
  /** The namespace of the Secret and of its workloads. */
  readonly namespace: string;
  /** The name of the Kubernetes Secret. */
  readonly secretName: string;
  /**
   * What the target is called in the key's tags: 1 to 40 of a-z, 0-9 and -. A key's targets have different ones.
   * @default the namespace
   */
  readonly id?: string;
  /**
   * The data key that holds the value; `<dataKey>_NEW` and `<dataKey>_OLD` lie beside it.
   * @default api-key
   */
  readonly dataKey?: string;
  /**
   * The workloads that are rolled out with each new value: `deployment/webapp`, `statefulset/worker`, `daemonset/agent`.
   * @default none: the value is read from mounted files
   */
  readonly restart?: readonly string[];
  /**
   * The longest that a rollout of these workloads takes, as ISO 8601.
   * @default PT40M: four waves, each as long as a Deployment's default progressDeadlineSeconds
   */
  readonly rolloutTime?: string;
  /**
   * The longest terminationGracePeriodSeconds of these workloads' pods, as ISO 8601.
   * @default PT30S, as Kubernetes has it
   */
  readonly terminationGrace?: string;
  /**
   * How long mounted files may need to show a value, where nothing is rolled out, as ISO 8601.
   * @default PT2M: the kubelet's sync period and its cache, a minute each
   */
  readonly delay?: string;
  /**
   * How long a process may go on with a value that it has read, as ISO 8601.
   * @default none: it reads the file at each use, or starts anew with each value
   */
  readonly clientCache?: string;
}

export interface ExternalSecretTargetProps extends KubernetesTargetProps {
  /** The name of the store by which the External Secrets Operator reads Secrets Manager. */
  readonly storeName: string;
  /**
   * The store's kind: `ClusterSecretStore`, or `SecretStore` of the same namespace.
   * @default ClusterSecretStore
   */
  readonly storeKind?: "SecretStore" | "ClusterSecretStore";
  /**
   * How often the operator looks by itself, as ISO 8601. Each rotation has it look at once.
   * @default PT1H
   */
  readonly refreshInterval?: string;
}

/** A place that gets a key's value: what `ApiKey.addTarget` takes. */
export interface KeyTarget {
  readonly cluster: KubernetesCluster;
  readonly declaration: TargetDeclaration;
  /** How a value that was written gets to be used, and how long that may take. */
  readonly way: readonly Stretch[];
}

/** Deployments go by quarters (maxSurge and maxUnavailable of 25 %), and may take 600 s for each step (progressDeadlineSeconds). */
const DEFAULT_ROLLOUT = "PT40M";
const DEFAULT_GRACE = "PT30S";

const orDefault = (where: string, property: string, value: string | undefined, defaultMs: number): number =>
  value === undefined ? defaultMs : durationProperty(where, property, value);

interface Settings extends Omit<KubernetesPlace, "cluster"> {
  readonly cluster: KubernetesCluster;
  readonly way: readonly Stretch[];
}

const clusterOf = (what: string, cluster: KubernetesCluster | undefined): KubernetesCluster => {
  if (cluster?.settings?.subject) return cluster;
  return refuse(what, "cluster must be what the service's addCluster returned");
};

const namespaceAsId = (where: string, props: KubernetesTargetProps): string =>
  formProperty(
    where,
    props.id === undefined ? "namespace, which is the id where none is given," : "id",
    props.id ?? props.namespace,
    NAME_FORM,
    "1 to 40 of a-z, 0-9 and -, with no - at either end",
  );

const settingsOf = (what: string, props: KubernetesTargetProps): Settings => {
  const cluster = clusterOf(what, props.cluster);
  const where = `${what} in ${cluster.node.path}`;
  const restart = restartProperty(where, props.restart ?? []);
  const cacheMs = orDefault(where, "clientCache", props.clientCache, 0);
  const filesMs = orDefault(where, "delay", props.delay, DEFAULT_DELAY_MS);
  const rolloutMs = durationProperty(where, "rolloutTime", props.rolloutTime ?? DEFAULT_ROLLOUT);
  const graceMs = durationProperty(where, "terminationGrace", props.terminationGrace ?? DEFAULT_GRACE);
  const reading: readonly Stretch[] =
    restart.length > 0
      ? [
          { what: "of rollout (rolloutTime)", ms: rolloutMs },
          { what: "until the old pods are gone (terminationGrace)", ms: graceMs },
        ]
      : [{ what: "until mounted files show it (delay)", ms: filesMs }];
  const caching = cacheMs > 0 ? [{ what: "in the process's own cache (clientCache)", ms: cacheMs }] : [];
  return {
    cluster,
    id: namespaceAsId(where, { ...props, namespace: namespaceProperty(where, props.namespace) }),
    namespace: props.namespace,
    name: secretNameProperty(where, props.secretName),
    dataKey: dataKeyProperty(where, props.dataKey ?? "api-key"),
    restart,
    // What reads files has the value when its own cache is over.
    delayMs: filesMs + cacheMs,
    way: [...reading, ...caching],
  };
};

/** A Kubernetes Secret that Keyturn writes itself. */
export class KubernetesSecretTarget implements KeyTarget {
  readonly cluster: KubernetesCluster;
  readonly declaration: TargetDeclaration;
  readonly way: readonly Stretch[];

  /** @throws KeyturnError BAD_INPUT that names the property, the value received and what it must be */
  constructor(props: KubernetesTargetProps) {
    const { cluster, way, ...place } = settingsOf("a KubernetesSecretTarget", props);
    this.cluster = cluster;
    this.way = way;
    this.declaration = { kind: "kubernetes", cluster: cluster.name, ...place };
  }
}

/** A Kubernetes Secret that the External Secrets Operator writes, from an ExternalSecret of ours. */
export class ExternalSecretTarget implements KeyTarget {
  readonly cluster: KubernetesCluster;
  readonly declaration: TargetDeclaration;
  readonly way: readonly Stretch[];

  /** @throws KeyturnError BAD_INPUT that names the property, the value received and what it must be */
  constructor(props: ExternalSecretTargetProps) {
    const { cluster, way, ...place } = settingsOf("an ExternalSecretTarget", props);
    const where = `an ExternalSecretTarget in ${cluster.node.path}`;
    const refreshMs = orDefault(where, "refreshInterval", props.refreshInterval, DEFAULT_REFRESH_MS);
    const kind = oneOf(where, "storeKind", props.storeKind ?? "ClusterSecretStore", STORE_KINDS);
    this.cluster = cluster;
    this.way = [{ what: "until the operator looks by itself (refreshInterval)", ms: refreshMs }, ...way];
    this.declaration = {
      kind: "external-secret",
      cluster: cluster.name,
      ...place,
      store: { kind, name: storeNameProperty(where, props.storeName) },
      refreshMs,
    };
  }
}
