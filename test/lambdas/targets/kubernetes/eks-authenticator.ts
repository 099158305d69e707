import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";
import type { V1TokenReview } from "@kubernetes/client-node";
import { serveOnLoopback } from "./serve-on-loopback.ts";

/*
 * The authentication webhook of a cluster of EKS: it takes a token apart, sends the signed request in it on to STS with the
 * cluster's own name in the header `x-k8s-aws-id`, and looks up the role that STS names in the cluster's access entries.
 * Written from aws-iam-authenticator's README and the checks in its source (host, path, parameters, expiry, the header among
 * the signed ones), and from EKS's "Grant IAM users access to Kubernetes with EKS access entries".
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
  /** Where STS is reached. */
  readonly sts: string;
  /** The access entries: groups by the ARN of an IAM role. */
  readonly entries: Readonly<Record<string, readonly string[]>>;
}

export interface Authenticated {
  readonly username: string;
  readonly groups: readonly string[];
}

const LONGEST_EXPIRY_SECONDS = 900;

const isWellFormed = (url: URL, { region }: Authenticator): boolean => {
  const query = url.searchParams;
  const expires = Number(query.get("X-Amz-Expires"));
  return (
    url.protocol === "https:" &&
    url.host === `sts.${region}.amazonaws.com` &&
    url.pathname === "/" &&
    query.get("Action") === "GetCallerIdentity" &&
    expires > 0 &&
    expires <= LONGEST_EXPIRY_SECONDS &&
    (query.get("X-Amz-SignedHeaders") ?? "").split(";").includes("x-k8s-aws-id") &&
    [...query.keys()].every((name) => PARAMETERS.has(name))
  );
};

interface Identity {
  readonly GetCallerIdentityResponse?: { readonly GetCallerIdentityResult: { readonly Arn: string } };
}

/** Sends the signed request on. @returns the ARN of who signed it, if STS says so */
const signerOf = async (url: URL, { sts, clusterName }: Authenticator): Promise<string | undefined> => {
  const headers = { host: url.host, "x-k8s-aws-id": clusterName };
  const sent = request(`${sts}${url.pathname}${url.search}`, { headers }).end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  const identity = (await json(answer)) as Identity;
  return answer.statusCode === 200 ? identity.GetCallerIdentityResponse?.GetCallerIdentityResult.Arn : undefined;
};

/** An access entry is for the role itself, not for a session of it. */
const roleOf = (arn: string): string =>
  arn.replace(/^arn:aws:sts::(\d+):assumed-role\/([^/]+)\/.*$/, "arn:aws:iam::$1:role/$2");

/** Who a token is from; `undefined` when it is refused. */
export const authenticate = async (token: string, authenticator: Authenticator): Promise<Authenticated | undefined> => {
  if (!token.startsWith(PREFIX)) return undefined;
  const text = Buffer.from(token.slice(PREFIX.length), "base64url").toString();
  if (!URL.canParse(text) || !isWellFormed(new URL(text), authenticator)) return undefined;
  const username = await signerOf(new URL(text), authenticator);
  const groups = username === undefined ? undefined : authenticator.entries[roleOf(username)];
  return username !== undefined && groups ? { username, groups } : undefined;
};

/** Serves it to an API server, until the test ends. */
export const serveAuthenticator = async (authenticator: Authenticator): Promise<string> => {
  const address = await serveOnLoopback(async (request, response) => {
    const review = (await json(request)) as V1TokenReview;
    const user = await authenticate(review.spec.token ?? "", authenticator);
    const status = user ? { authenticated: true, user } : { authenticated: false };
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ ...review, status }));
  });
  return `${address}/authenticate`;
};
