import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { systemClock } from "../../../../lambdas/clock.ts";
import { serveOnLoopback } from "./serve-on-loopback.ts";

/*
 * STS's GetCallerIdentity for signed URLs, as far as clusters of EKS use it: it computes the signature anew from what it is
 * sent, with the secret keys that it knows. Written from AWS's "Create a signed AWS API request" and, for the 15 minutes that
 * such a request is good for, from the source of aws-iam-authenticator. Leaves out: credentials in headers, other actions, TLS
 * (a request says by its host which region's STS it is for).
 */
export interface Caller {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly arn: string;
}

const GOOD_FOR_MS = 15 * 60_000;

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

const quoted = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

const timeOf = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, "$1-$2-$3T$4:$5:$6Z"));

const signatureOf = (url: URL, headers: IncomingHttpHeaders, secretAccessKey: string): string => {
  const query = url.searchParams;
  const [, date = "", region = "", service = ""] = (query.get("X-Amz-Credential") ?? "").split("/");
  const signed = (query.get("X-Amz-SignedHeaders") ?? "").split(";");
  const parameters = [...query]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${quoted(name)}=${quoted(value)}`)
    .toSorted();
  const canonical = [
    "GET",
    url.pathname,
    parameters.join("&"),
    ...signed.map((name) => `${name}:${headers[name] ?? ""}`),
    "",
    signed.join(";"),
    createHash("sha256").update("").digest("hex"),
  ].join("\n");
  const scope = `${date}/${region}/${service}/aws4_request`;
  const hash = createHash("sha256").update(canonical).digest("hex");
  const text = ["AWS4-HMAC-SHA256", query.get("X-Amz-Date"), scope, hash].join("\n");
  const key = [region, service, "aws4_request"].reduce(hmac, hmac(`AWS4${secretAccessKey}`, date));
  return hmac(key, text).toString("hex");
};

/** The ARN of who signed a request; `undefined` when the signature is not good. */
const callerOf = (callers: readonly Caller[], url: URL, headers: IncomingHttpHeaders): string | undefined => {
  const query = url.searchParams;
  const caller = callers.find(({ accessKeyId }) => query.get("X-Amz-Credential")?.startsWith(`${accessKeyId}/`));
  const ageMs = systemClock.now() - timeOf(query.get("X-Amz-Date") ?? "");
  if (!caller || !(ageMs > -60_000 && ageMs < GOOD_FOR_MS)) return undefined;
  if ((query.get("X-Amz-Security-Token") ?? undefined) !== caller.sessionToken) return undefined;
  const given = Buffer.from(query.get("X-Amz-Signature") ?? "");
  const wanted = Buffer.from(signatureOf(url, headers, caller.secretAccessKey));
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? caller.arn : undefined;
};

/** Serves it over HTTP, until the test ends. @returns its address */
export const serveSts = (callers: readonly Caller[]): Promise<string> =>
  serveOnLoopback(async (request, response) => {
    const { headers, url = "/" } = request;
    const arn = callerOf(callers, new URL(url, `https://${headers.host}`), headers);
    response.statusCode = arn === undefined ? 403 : 200;
    response.setHeader("Content-Type", "application/json");
    const denied = { Error: { Code: "SignatureDoesNotMatch" } };
    const identity = { GetCallerIdentityResponse: { GetCallerIdentityResult: { Arn: arn } } };
    response.end(JSON.stringify(arn === undefined ? denied : identity));
  });
