import type { IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import type { EKSClient } from "@aws-sdk/client-eks";
import type { AwsCredentialIdentityProvider } from "@smithy/types";
import { proxyOptions } from "../../contracts/environment.ts";
import { Redacted } from "../../redacted.ts";

/** Where a cluster's API server is, whom it is trusted by, and who asks. */
export interface ClusterEndpoint {
  /** `https://host[:port][/path]` */
  readonly server: string;
  /** The certificate authority of the cluster, as PEM; not there: the ones that Node trusts. */
  readonly certificateAuthority?: string;
  /** The name in the server's certificate, where it is not the host's. */
  readonly serverName?: string;
  readonly token?: Redacted;
  readonly clientCertificate?: { readonly certificate: string; readonly key: Redacted };
}

export interface ClusterRequest {
  readonly method: "GET" | "PATCH";
  /** Path and query. */
  readonly path: string;
  readonly contentType?: string;
  readonly body?: Redacted;
  readonly signal: AbortSignal;
}

export interface ClusterAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Redacted, since a Secret is answered with its values. */
  readonly body: Redacted;
}

/** One HTTPS request and its answer. Rejects with Node's error, which has a `code`, when there is none. */
export type ClusterSend = (endpoint: ClusterEndpoint, request: ClusterRequest) => Promise<ClusterAnswer>;

/** All that is needed of the world to reach clusters. */
export interface ClusterWorld {
  readonly send: ClusterSend;
  /** EKS in a region. */
  readonly eks: (region: string) => Pick<EKSClient, "send">;
  /** The function's own credentials, to sign tokens for EKS with. */
  readonly credentials: AwsCredentialIdentityProvider;
}

/** Sockets are kept while one endpoint is used: an invocation makes its endpoints anew, so that none is older than it. */
const agents = new WeakMap<ClusterEndpoint, Agent>();

const agentOf = (endpoint: ClusterEndpoint): Agent => {
  const known = agents.get(endpoint);
  if (known) return known;
  const { certificateAuthority, clientCertificate, serverName } = endpoint;
  const agent = new Agent({
    keepAlive: true,
    timeout: 30_000,
    ...proxyOptions(process.env),
    ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(clientCertificate ? { cert: clientCertificate.certificate, key: clientCertificate.key.reveal() } : {}),
  });
  agents.set(endpoint, agent);
  return agent;
};

const bodyOf = async (response: IncomingMessage): Promise<Redacted> => {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return new Redacted(Buffer.concat(chunks).toString());
};

const headersOf = ({ token }: ClusterEndpoint, { contentType, body }: ClusterRequest): Record<string, string> => ({
  Accept: "application/json",
  "User-Agent": "keyturn",
  ...(token ? { Authorization: `Bearer ${token.reveal()}` } : {}),
  ...(contentType === undefined ? {} : { "Content-Type": contentType }),
  ...(body ? { "Content-Length": String(Buffer.byteLength(body.reveal())) } : {}),
});

/** Sends a request over HTTPS, with the cluster's own certificate authority. */
export const sendOverHttps: ClusterSend = (endpoint, request) =>
  new Promise((resolve, reject) => {
    const base = endpoint.server.replace(/\/+$/, "");
    const { method, path, body, signal } = request;
    const headers = headersOf(endpoint, request);
    const sent = httpsRequest(`${base}${path}`, { method, headers, signal, agent: agentOf(endpoint) }, (response) => {
      bodyOf(response).then(
        (text) =>
          resolve({ status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"], body: text }),
        reject,
      );
    });
    sent.on("error", reject);
    sent.end(body?.reveal());
  });
