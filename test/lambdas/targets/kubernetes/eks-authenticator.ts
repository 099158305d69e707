import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { V1TokenReview } from "@kubernetes/client-node";
import { onTestFinished } from "vitest";
import { systemClock } from "../../../../lambdas/clock.ts";
import { type Caller, callerOf } from "./sts-stand-in.ts";

/*
 * The authentication webhook of a cluster of EKS: it takes a token apart, and has STS say who signed it. Written from
 * aws-iam-authenticator's README and the checks in its source (host, path, parameters, the cluster's header signed with the
 * cluster's own name).
 */
const PREFIX = "k8s-aws-v1.";
const PARAMETERS = new Set([
  "Action",
  "Version",
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-Security-Token",
  "X-Amz-Signature",
  "X-Amz-SignedHeaders",
]);

export interface Authenticator {
  readonly clusterName: string;
  readonly region: string;
  readonly callers: readonly Caller[];
}

const isWellFormed = (url: URL, { region }: Authenticator): boolean =>
  url.protocol === "https:" &&
  url.host === `sts.${region}.amazonaws.com` &&
  url.pathname === "/" &&
  url.searchParams.get("Action") === "GetCallerIdentity" &&
  (url.searchParams.get("X-Amz-SignedHeaders") ?? "").split(";").includes("x-k8s-aws-id") &&
  [...url.searchParams.keys()].every((name) => PARAMETERS.has(name));

/** Who a token is from; `undefined` when it is refused. */
export const authenticate = (token: string, authenticator: Authenticator): string | undefined => {
  if (!token.startsWith(PREFIX)) return undefined;
  const text = Buffer.from(token.slice(PREFIX.length), "base64url").toString();
  if (!URL.canParse(text) || !isWellFormed(new URL(text), authenticator)) return undefined;
  const { callers, clusterName } = authenticator;
  return callerOf(callers, new URL(text), { "x-k8s-aws-id": clusterName }, systemClock.now());
};

/** Serves it to an API server. Every role that it knows is of the group `keyturn`, as by an access entry. Ends with the test. */
export const serveAuthenticator = async (authenticator: Authenticator): Promise<string> => {
  const server = createServer(async (request, response) => {
    const review = (await json(request)) as V1TokenReview;
    const username = authenticate(review.spec.token ?? "", authenticator);
    const status = username
      ? { authenticated: true, user: { username, groups: ["keyturn"] } }
      : { authenticated: false };
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ ...review, status }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/authenticate`;
};
