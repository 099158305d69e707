import { DescribeClusterCommand } from "@aws-sdk/client-eks";
import type { Clock } from "../../clock.ts";
import type { ClusterAccess } from "../../contracts/grants.ts";
import { Redacted } from "../../redacted.ts";
import type { Secrets } from "../../secrets.ts";
import { TargetError } from "../target-error.ts";
import { eksToken } from "./eks-token.ts";
import { endpointOfKubeconfig } from "./kubeconfig.ts";
import type { ClusterEndpoint, ClusterWorld } from "./transport.ts";

export interface AccessOptions {
  readonly world: ClusterWorld;
  readonly clock: Clock;
  readonly secrets: Pick<Secrets, "currentValue">;
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "unknown");

const REFUSALS: Readonly<Record<string, string>> = {
  ResourceNotFoundException: "it does not exist; check its name and region where it is declared",
  AccessDeniedException: "the function's role needs eks:DescribeCluster for it",
};

const described = async ({ world }: AccessOptions, name: string, region: string) => {
  const what = `the EKS cluster ${name} in ${region}`;
  try {
    return (await world.eks(region).send(new DescribeClusterCommand({ name }))).cluster;
  } catch (cause) {
    const refusal = REFUSALS[nameOf(cause)];
    if (refusal !== undefined)
      throw new TargetError("BAD_ACCESS", `${what} cannot be described: ${refusal}`, { cause });
    throw new TargetError("UNAVAILABLE", `${what} cannot be described (${nameOf(cause)})`, { cause });
  }
};

/** An access entry counts only where the cluster authenticates by them (EKS: "Cluster authentication modes"). */
const checkMode = (mode: string | undefined, what: string): void => {
  if (mode === undefined || mode.includes("API")) return;
  throw new TargetError(
    "BAD_ACCESS",
    `${what} has the authentication mode ${mode}, by which access entries do not count; change it to API_AND_CONFIG_MAP or API`,
  );
};

const openEks = async (options: AccessOptions, name: string, region: string): Promise<ClusterEndpoint> => {
  const cluster = await described(options, name, region);
  const what = `the EKS cluster ${name} in ${region}`;
  checkMode(cluster?.accessConfig?.authenticationMode, what);
  const authority = cluster?.certificateAuthority?.data;
  if (cluster?.endpoint === undefined || authority === undefined)
    throw new TargetError("BAD_ACCESS", `${what} has no endpoint: it is ${cluster?.status ?? "not there"}`);
  const { credentials } = options.world;
  const token = await eksToken({ clusterName: name, region, credentials, nowMs: options.clock.now() });
  return {
    server: cluster.endpoint,
    certificateAuthority: Buffer.from(authority, "base64").toString(),
    token,
  };
};

const kubeconfigIn = async ({ secrets }: AccessOptions, secretName: string): Promise<string | undefined> => {
  try {
    return (await secrets.currentValue(secretName))?.text;
  } catch (cause) {
    if (nameOf(cause) !== "AccessDeniedException") throw cause;
    throw new TargetError(
      "BAD_ACCESS",
      `the function may not read the secret ${secretName}, which holds a kubeconfig`,
      {
        cause,
      },
    );
  }
};

const openKubeconfig = async (options: AccessOptions, secretName: string, context: string | undefined) => {
  const text = await kubeconfigIn(options, secretName);
  if (text === undefined)
    throw new TargetError(
      "BAD_ACCESS",
      `the secret ${secretName} does not exist or has no value; store the cluster's kubeconfig in it`,
    );
  return endpointOfKubeconfig(new Redacted(text), context, secretName);
};

/**
 * Finds a cluster, and makes credentials for it. Done anew in each invocation, so that nothing is kept that has expired.
 * @throws TargetError BAD_ACCESS, UNAVAILABLE
 */
export const openCluster = (options: AccessOptions, access: ClusterAccess): Promise<ClusterEndpoint> =>
  "eks" in access
    ? openEks(options, access.eks.name, access.eks.region)
    : openKubeconfig(options, access.kubeconfigSecret, access.context);
