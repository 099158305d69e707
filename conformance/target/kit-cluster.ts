import type { Clock } from "../../lambdas/clock.ts";
import { Redacted } from "../../lambdas/redacted.ts";
import { templateAnnotation } from "../../lambdas/targets/kubernetes/names.ts";
import type { ClusterWorld } from "../../lambdas/targets/kubernetes/transport.ts";
import { createCluster, type SimulatedCluster } from "../../sandbox/cluster/cluster.ts";
import type { CallAws } from "../stage/account.ts";
import { POD_READY_MS, POD_STOP_MS, WAITING_RETRY_MS } from "../stage/settings.ts";
import type { Trace } from "../stage/trace.ts";
import { DEPLOYMENT } from "./kit-workload.ts";
import { CLUSTER, NAMESPACE, SECRET } from "./target.ts";

const SERVER = "https://cluster.test";
const TOKEN = "kit-token-of-the-cluster";
const EKS_TOKEN = /^k8s-aws-v1\./;

/** The kubeconfig by which the cluster is reached, as kubectl writes it. */
const KUBECONFIG = JSON.stringify({
  "current-context": "kit",
  contexts: [{ name: "kit", context: { cluster: "kit", user: "keyturn" } }],
  clusters: [{ name: "kit", cluster: { server: SERVER } }],
  users: [{ name: "keyturn", user: { token: TOKEN } }],
});

/** EKS, which knows one cluster. Its other answers are no part of the kit. */
const eks: ClusterWorld["eks"] = () => {
  const cluster = {
    endpoint: SERVER,
    certificateAuthority: { data: Buffer.from("an authority").toString("base64") },
    accessConfig: { authenticationMode: "API" },
  };
  return { send: async () => ({ cluster: { name: CLUSTER, ...cluster } }) } as never;
};

/** The cluster of a life with a target: its pods live on the key. */
export interface KitCluster extends Pick<SimulatedCluster, "pods" | "onPod" | "object"> {
  readonly kubeconfig: string;
  readonly world: ClusterWorld;
  /** What nobody outside may read, besides the keys. */
  readonly secrets: readonly RegExp[];
  /** False: nodes pull no image any more; pods that run go on. @default true */
  canPull: boolean;
  /** What pods would get that start now, by data key; `undefined`: nothing is there. */
  data(): Readonly<Record<string, string>> | undefined;
  /** What an object of the target says. */
  label(resource: string, name: string): string | undefined;
  annotation(resource: string, name: string): string | undefined;
  /** A person deploys the workload. */
  deploy(): Promise<void>;
  /**
   * A tool replaces the workload, if it is there, by what a person declared: its pod template loses what others put into it.
   * @returns the value of Keyturn's annotation that it had; `undefined`: none
   */
  replace(): Promise<string | undefined>;
  /** A person edits an object. */
  edit(resource: "secrets" | "externalsecrets", name: string, patch: object): Promise<void>;
  /** A person deletes one. */
  delete(resource: string, name: string): void;
}

export interface KitClusterOptions {
  readonly clock: Clock;
  readonly trace: Trace;
  /** Secrets Manager, which the External Secrets Operator reads past every gate. */
  readonly aws: CallAws;
}

type Said = Partial<Readonly<Record<"labels" | "annotations", Readonly<Record<string, string>>>>>;

const ROOTS = { secrets: "/api/v1", externalsecrets: "/apis/external-secrets.io/v1" } as const;

type Template = { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } };

const markIn = (deployment: object, annotation: string): string | undefined => {
  const { spec } = deployment as { spec?: { template?: Template } };
  return spec?.template?.metadata?.annotations?.[annotation];
};

/** How long the operator needs, in milliseconds. */
const OPERATOR_MS = 3_000;

/** There is no such value, or its secret is marked for deletion. */
const WITHOUT_VALUE: ReadonlySet<string> = new Set(["ResourceNotFoundException", "InvalidRequestException"]);

const readerOf =
  (aws: CallAws) =>
  async (SecretId: string, VersionId: string): Promise<string | undefined> => {
    try {
      return (await aws<{ SecretString: string }>("GetSecretValue", { SecretId, VersionId })).SecretString;
    } catch (error) {
      if (error instanceof Error && WITHOUT_VALUE.has(error.name)) return undefined;
      throw error;
    }
  };

export const createKitCluster = ({ clock, trace, aws }: KitClusterOptions): KitCluster => {
  const can = { pull: true };
  const cluster = createCluster({
    clock,
    namespaces: [NAMESPACE],
    knows: (token = "") => token === TOKEN || EKS_TOKEN.test(token),
    times: { readyMs: POD_READY_MS, stopMs: POD_STOP_MS, retryMs: WAITING_RETRY_MS },
    imageFault: () => (can.pull ? undefined : "ErrImagePull"),
    operator: { readVersion: readerOf(aws), delayMs: OPERATOR_MS },
  });
  cluster.onPod(({ name }, event) => trace.tell(`      the pod ${name}: ${event}`));

  const patch = async (path: string, contentType: string, body: object): Promise<void> => {
    const { signal } = new AbortController();
    const request = { method: "PATCH", path, contentType, body: new Redacted(JSON.stringify(body)), signal } as const;
    const { status } = await cluster.send({ server: SERVER, token: new Redacted(TOKEN) }, request);
    if (status >= 300) throw new Error(`a person's request ended with ${status}`);
  };

  const said = (resource: string, field: "labels" | "annotations", name: string): string | undefined => {
    const { metadata } = (cluster.object(resource, NAMESPACE, SECRET) ?? {}) as { metadata?: Said };
    return metadata?.[field]?.[name];
  };

  const { pods, onPod, object } = cluster;
  return {
    pods,
    onPod,
    object,
    delete: (resource, name) => cluster.delete(resource, NAMESPACE, name),
    kubeconfig: KUBECONFIG,
    secrets: [new RegExp(TOKEN), /k8s-aws-v1\.\w{8}/],
    world: {
      send: cluster.send,
      eks,
      credentials: async () => ({ accessKeyId: "AKIAKIT", secretAccessKey: "kit" }),
    },
    get canPull() {
      return can.pull;
    },
    set canPull(value) {
      can.pull = value;
    },
    label: (resource, name) => said(resource, "labels", name),
    annotation: (resource, name) => said(resource, "annotations", name),
    data: () => cluster.secret(NAMESPACE, SECRET)?.data,
    deploy: () =>
      patch(
        `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/web?fieldManager=kubectl`,
        "application/apply-patch+yaml",
        DEPLOYMENT,
      ),
    async replace() {
      const annotation = templateAnnotation(SECRET);
      const deployment = cluster.object("deployments", NAMESPACE, "web");
      if (!deployment) return undefined;
      await patch(
        `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/web?fieldManager=argocd-controller`,
        "application/merge-patch+json",
        { spec: { template: { metadata: { annotations: { [annotation]: null } } } } },
      );
      return markIn(deployment, annotation);
    },
    edit: (resource, name, change) =>
      patch(
        `${ROOTS[resource]}/namespaces/${NAMESPACE}/${resource}/${name}?fieldManager=kubectl-edit`,
        "application/merge-patch+json",
        change,
      ),
  };
};
