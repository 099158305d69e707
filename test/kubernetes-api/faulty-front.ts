import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { TestCluster } from "./cluster.ts";

/** What a client meets instead of an answer. */
export type Fault =
  /** An answer in the API server's place, which is not asked. */
  | { readonly kind: "answer"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The connection ends; the API server is not asked. */
  | { readonly kind: "cut" }
  /** The API server is asked and does it, and the connection ends before its answer. */
  | { readonly kind: "lose-answer" };

export interface SeenRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** 0 for the first one that came. */
  readonly index: number;
}

/** Before a request is passed on. May take its time, and do things to the API server meanwhile. */
export type Decide = (request: SeenRequest) => Fault | undefined | Promise<Fault | undefined>;

export interface FaultyFront {
  readonly url: string;
  /** The same kubeconfig, by way of this front. */
  through(kubeconfig: string): string;
  /** Every request so far. */
  readonly requests: readonly SeenRequest[];
  /** From now on. At first everything is passed on. */
  decideBy(decide: Decide): void;
}

const REASONS: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
};

/** Kubernetes's Status, as the API server answers what it refuses. */
const messageOf = (code: number): string =>
  code === 403
    ? `it is forbidden: User "somebody" cannot change resource "anything"`
    : `refused by the test with ${code}`;

const statusOf = (code: number) => ({
  kind: "Status",
  apiVersion: "v1",
  status: "Failure",
  message: messageOf(code),
  reason: REASONS[code] ?? "Unknown",
  code,
});

/** Ends the connection, under an answer too. */
const cut = ({ socket }: IncomingMessage) => void socket.destroy();

interface Upstream {
  readonly url: string;
  readonly agent: Agent;
}

/** Has the API server answer. Its death is the client's loss of connection. */
const pass = (upstream: Upstream, incoming: IncomingMessage, outgoing: ServerResponse, losesAnswer: boolean) => {
  const { method, headers } = incoming;
  const url = new URL(incoming.url ?? "/", upstream.url);
  const onward = request(url, { agent: upstream.agent, method, headers }, (answer) => {
    if (losesAnswer) return void answer.resume().once("end", () => cut(incoming));
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.once("error", () => cut(incoming)).pipe(outgoing);
    outgoing.once("close", () => answer.destroy());
  });
  onward.once("error", () => cut(incoming));
  incoming.pipe(onward);
};

const refuse = (outgoing: ServerResponse, { status, headers }: Fault & { readonly kind: "answer" }) => {
  outgoing.writeHead(status, { "Content-Type": "application/json", ...headers });
  outgoing.end(JSON.stringify(statusOf(status)));
};

const listen = async (server: Server, agent: Agent): Promise<string> => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
    agent.destroy();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/**
 * Stands between clients and our own API server (same certificate, another port), and can refuse any request or cut it off.
 * Everything else goes through as it is, watches included. Ends with the test.
 * @param cluster one of our own servers; of a cluster of somebody else there is no certificate to show
 */
export const startFaultyFront = async ({ url: target, folder }: TestCluster): Promise<FaultyFront> => {
  if (folder === undefined)
    throw new Error("faults need our own API server: describeWithKubernetes(…, { ownServer: true })");
  const [cert, key] = await Promise.all([readFile(join(folder, "tls.crt")), readFile(join(folder, "tls.key"))]);
  const upstream = { url: target, agent: new Agent({ ca: cert, keepAlive: true }) };
  const requests: SeenRequest[] = [];
  let decide: Decide = () => undefined;
  const server = createServer({ cert, key }, async (incoming, outgoing) => {
    const seen = { method: incoming.method ?? "GET", path: incoming.url ?? "/", index: requests.length };
    requests.push(seen);
    const fault = await decide(seen);
    if (fault?.kind === "cut") cut(incoming);
    else if (fault?.kind === "answer") refuse(outgoing, fault);
    else pass(upstream, incoming, outgoing, fault?.kind === "lose-answer");
  });
  const url = await listen(server, upstream.agent);
  return {
    url,
    requests,
    through: (kubeconfig) => kubeconfig.replaceAll(target, url),
    decideBy(next) {
      decide = next;
    },
  };
};
