import { load } from "js-yaml";
import * as z from "zod/mini";
import { read } from "../../contracts/read.ts";
import { KeyturnError } from "../../errors.ts";
import { Redacted } from "../../redacted.ts";
import { TargetError } from "../target-error.ts";
import type { ClusterEndpoint } from "./transport.ts";

/*
 * Reads a kubeconfig that a secret holds. Written from the Kubernetes reference "kubeconfig (v1)". Only what stands in the
 * file itself is used: what points to files or commands of the machine that it was written on is refused.
 */
const text = z.string().check(z.minLength(1));

const cluster = z.object({
  server: z.url({ protocol: /^https$/ }),
  "certificate-authority-data": z.optional(text),
  "tls-server-name": z.optional(text),
});

const user = z.object({
  token: z.optional(text),
  "client-certificate-data": z.optional(text),
  "client-key-data": z.optional(text),
});

/** What is refused, and what to do instead. */
const REFUSED_OF_CLUSTER: Readonly<Record<string, string>> = {
  "certificate-authority":
    "put the certificate itself into certificate-authority-data (kubectl config view --flatten does so)",
  "insecure-skip-tls-verify": "put the cluster's certificate into certificate-authority-data",
  "proxy-url": "let the function reach the cluster directly, by its subnets",
};

const REFUSED_OF_USER: Readonly<Record<string, string>> = {
  exec: "no command can be run here; use the token of a service account, or EKS's own access",
  "auth-provider": "use the token of a service account",
  tokenFile: "put the token itself into token",
  "client-certificate":
    "put the certificate itself into client-certificate-data (kubectl config view --flatten does so)",
  "client-key": "put the key itself into client-key-data (kubectl config view --flatten does so)",
  username: "Kubernetes has no basic authentication any more; use the token of a service account",
  password: "Kubernetes has no basic authentication any more; use the token of a service account",
  as: "bind the rights to the user itself",
};

const anyFields = z.record(z.string(), z.unknown());

const schema = z.object({
  "current-context": z.optional(z.string()),
  contexts: z.array(z.object({ name: text, context: z.object({ cluster: text, user: text }) })),
  clusters: z.array(z.object({ name: text, cluster: anyFields })),
  users: z.array(z.object({ name: text, user: z._default(anyFields, {}) })),
});

/** @throws TargetError without any of the text: YAML's own errors quote the lines around the fault */
const yamlOf = (kubeconfig: Redacted, what: string): unknown => {
  try {
    return load(kubeconfig.reveal());
  } catch (error) {
    const line = (error as { mark?: { line?: unknown } }).mark?.line;
    const where = typeof line === "number" ? ` (line ${line + 1})` : "";
    throw new TargetError("BAD_ACCESS", `${what} is not YAML${where}; store a kubeconfig as kubectl writes it`);
  }
};

const refuse = (
  fields: Readonly<Record<string, unknown>>,
  refused: Readonly<Record<string, string>>,
  what: string,
): void => {
  const field = Object.keys(refused).find((one) => fields[one] !== undefined && fields[one] !== false);
  if (field !== undefined)
    throw new TargetError("BAD_ACCESS", `${what} has ${field}, which cannot be used here: ${refused[field]}`);
};

const named = <Entry extends { readonly name: string }>(
  entries: readonly Entry[],
  name: string,
  what: string,
): Entry => {
  const found = entries.find((entry) => entry.name === name);
  if (found) return found;
  throw new TargetError(
    "BAD_ACCESS",
    `${what} ${name}; it has ${entries.map((entry) => entry.name).join(", ") || "none"}`,
  );
};

const decoded = (base64: string): string => Buffer.from(base64, "base64").toString();

const credentialsOf = (
  fields: z.output<typeof user>,
  what: string,
): Pick<ClusterEndpoint, "token" | "clientCertificate"> => {
  if (fields.token !== undefined) return { token: new Redacted(fields.token) };
  const certificate = fields["client-certificate-data"];
  const key = fields["client-key-data"];
  if (certificate !== undefined && key !== undefined)
    return { clientCertificate: { certificate: decoded(certificate), key: new Redacted(decoded(key)) } };
  throw new TargetError(
    "BAD_ACCESS",
    `${what} has no credentials: it needs token, or client-certificate-data and client-key-data`,
  );
};

const endpointIn = (kubeconfig: Redacted, context: string | undefined, what: string): ClusterEndpoint => {
  const config = read(schema, yamlOf(kubeconfig, what), what);
  const chosen = context ?? config["current-context"];
  if (chosen === undefined || chosen === "")
    throw new TargetError(
      "BAD_ACCESS",
      `${what} has no current-context; set one, or name a context where the cluster is declared`,
    );
  const { context: pair } = named(config.contexts, chosen, `${what} has no context`);
  const clusterFields = named(config.clusters, pair.cluster, `${what} has no cluster`).cluster;
  const userFields = named(config.users, pair.user, `${what} has no user`).user;
  refuse(clusterFields, REFUSED_OF_CLUSTER, `the cluster ${pair.cluster} of ${what}`);
  refuse(userFields, REFUSED_OF_USER, `the user ${pair.user} of ${what}`);
  const { server, ...trust } = read(cluster, clusterFields, `the cluster ${pair.cluster} of ${what}`);
  const authority = trust["certificate-authority-data"];
  const serverName = trust["tls-server-name"];
  return {
    server,
    ...(authority === undefined ? {} : { certificateAuthority: decoded(authority) }),
    ...(serverName === undefined ? {} : { serverName }),
    ...credentialsOf(read(user, userFields, `the user ${pair.user} of ${what}`), `the user ${pair.user} of ${what}`),
  };
};

/**
 * Where and how a kubeconfig reaches its cluster.
 * @param context the context to use; by default the file's current one
 * @param secretName the secret that holds it: for messages
 * @throws TargetError BAD_ACCESS that names the field, never a value of it
 */
export const endpointOfKubeconfig = (
  kubeconfig: Redacted,
  context: string | undefined,
  secretName: string,
): ClusterEndpoint => {
  try {
    return endpointIn(kubeconfig, context, `the kubeconfig in the secret ${secretName}`);
  } catch (error) {
    if (error instanceof KeyturnError) throw new TargetError("BAD_ACCESS", error.message, { cause: error });
    throw error;
  }
};
