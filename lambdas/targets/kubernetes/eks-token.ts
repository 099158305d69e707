import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsCredentialIdentityProvider, Checksum, SourceData } from "@smithy/types";
import { Redacted } from "../../redacted.ts";

type Digest = ReturnType<typeof createHash | typeof createHmac>;

/** SHA-256 by Node itself, in the form that the signer asks for. */
class NodeSha256 implements Checksum {
  readonly #secret: SourceData | undefined;
  #hash: Digest;

  constructor(secret?: SourceData) {
    this.#secret = secret;
    this.#hash = this.#start();
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#start();
  }

  #start(): Digest {
    return this.#secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(this.#secret));
  }
}

const bytesOf = (data: SourceData): Buffer | string => {
  if (typeof data === "string") return data;
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
};

const PREFIX = "k8s-aws-v1.";
const CLUSTER_HEADER = "x-k8s-aws-id";
/** The signature's own life, as `aws eks get-token` has it. The cluster takes the token for 15 minutes from its signing. */
const EXPIRES_SECONDS = 60;

/** AWS: "AWS service endpoints", the domain of a region's partition. */
const DOMAINS: readonly (readonly [start: string, domain: string])[] = [
  ["cn-", "amazonaws.com.cn"],
  ["eusc-", "amazonaws.eu"],
  ["us-iso-", "c2s.ic.gov"],
  ["us-isob-", "sc2s.sgov.gov"],
];

const domainOf = (region: string): string =>
  DOMAINS.find(([start]) => region.startsWith(start))?.[1] ?? "amazonaws.com";

export interface TokenOptions {
  readonly clusterName: string;
  readonly region: string;
  readonly credentials: AwsCredentialIdentityProvider;
  readonly nowMs: number;
}

/**
 * A bearer token for a cluster of EKS: a signed request to STS, GetCallerIdentity, in the cluster's region, that names the
 * cluster in a signed header. The cluster sends it on, and so learns who asks. Written from aws-iam-authenticator's README,
 * "API Authorization from Outside a Cluster", and checked against what `aws eks get-token` prints.
 */
export const eksToken = async ({ clusterName, region, credentials, nowMs }: TokenOptions): Promise<Redacted> => {
  const hostname = `sts.${region}.${domainOf(region)}`;
  const signer = new SignatureV4({ service: "sts", region, credentials, sha256: NodeSha256 });
  const signed = await signer.presign(
    {
      method: "GET",
      protocol: "https:",
      hostname,
      path: "/",
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
      headers: { host: hostname, [CLUSTER_HEADER]: clusterName },
    },
    {
      expiresIn: EXPIRES_SECONDS,
      signingDate: new Date(nowMs),
    },
  );
  const query = new URLSearchParams(signed.query as Record<string, string>);
  return new Redacted(`${PREFIX}${Buffer.from(`https://${hostname}/?${query}`).toString("base64url")}`);
};
