import {
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  type V1ResourceAttributes,
} from "@kubernetes/client-node";
import { Redacted } from "../../../lambdas/redacted.ts";
import { SANDBOX_CLUSTER } from "../../../stacks/sandbox-cluster.ts";
import { statusOf, unlessNotFound } from "./api-error.ts";
import type { Refused } from "./cluster.ts";
import { untilThere } from "./patience.ts";

const { serviceAccountName: NAME, secretName, deploymentName } = SANDBOX_CLUSTER;
/** As long as a run that is kept may be looked at. */
const TOKEN_SECONDS = 86_400;

/** Keyturn in a cluster: a service account that at first may do nothing. */
export interface ServiceAccount {
  readonly config: KubeConfig;
  readonly token: Redacted;
}

/** As `kubectl config view --minify --flatten` does: what stands in a file of this machine comes into the text. */
const withToken = (admin: KubeConfig, token: Redacted): KubeConfig => {
  const cluster = admin.getCurrentCluster();
  if (!cluster) throw new Error("the kubeconfig's current context names no cluster");
  const config = new KubeConfig();
  config.loadFromClusterAndUser(cluster, { name: NAME, token: token.reveal() });
  return config;
};

export const makeServiceAccount = async (admin: KubeConfig, namespace: string): Promise<ServiceAccount> => {
  const core = admin.makeApiClient(CoreV1Api);
  await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: NAME } } });
  const body = { spec: { audiences: [], expirationSeconds: TOKEN_SECONDS } };
  const { status } = await core.createNamespacedServiceAccountToken({ name: NAME, namespace, body });
  const token = new Redacted(status?.token ?? "");
  return { config: withToken(admin, token), token };
};

const mayPatch = async (config: KubeConfig, resourceAttributes: V1ResourceAttributes): Promise<true | undefined> => {
  const reviews = config.makeApiClient(AuthorizationV1Api);
  const { status } = await reviews.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });
  return status?.allowed || undefined;
};

/** Applies a manifest of Roles and bindings as its administrator, and waits until the service account has its rights. */
export const applyRights = async (
  admin: KubeConfig,
  { config }: ServiceAccount,
  namespace: string,
  manifest: string,
): Promise<void> => {
  const objects = KubernetesObjectApi.makeApiClient(admin);
  const { items } = JSON.parse(manifest) as { items: KubernetesObject[] };
  for (const item of items) await objects.create(item);
  await untilThere("the rights of the service account", () =>
    mayPatch(config, { namespace, verb: "patch", group: "", resource: "secrets", name: secretName }),
  );
};

/** Tries what the manifest gives no right to. Nothing of it would be done if it were allowed. */
export const tryForbidden = async ({ config }: ServiceAccount, namespace: string): Promise<readonly Refused[]> => {
  const core = config.makeApiClient(CoreV1Api);
  const dryRun = "All";
  const container = { name: "any", image: "busybox:1.37" };
  const tries: readonly (readonly [what: string, request: () => Promise<unknown>])[] = [
    ["list Secrets", () => core.listNamespacedSecret({ namespace })],
    ["read another Secret", () => core.readNamespacedSecret({ namespace, name: `${secretName}-other` })],
    ["delete this one", () => core.deleteNamespacedSecret({ namespace, name: secretName, dryRun })],
    [
      "start a pod",
      () =>
        core.createNamespacedPod({
          namespace,
          body: { metadata: { name: `${deploymentName}-other` }, spec: { containers: [container] } },
          dryRun,
        }),
    ],
  ];
  const refused: Refused[] = [];
  for (const [what, request] of tries) refused.push({ what, status: await statusOfTry(request()) });
  return refused;
};

const statusOfTry = async (request: Promise<unknown>): Promise<number> => {
  try {
    return (await unlessNotFound(request)) === undefined ? 404 : 200;
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw error;
    return status;
  }
};
