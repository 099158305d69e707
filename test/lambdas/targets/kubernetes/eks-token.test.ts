import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../../lambdas/clock.ts";
import { eksToken } from "../../../../lambdas/targets/kubernetes/eks-token.ts";
import { findPython } from "../../../../sandbox/aws/python-interpreter.ts";
import { checkPython } from "../../../../sandbox/prerequisites.ts";
import { prepareAwsCli } from "../../../foreign/aws-cli.ts";
import { describeUnlessMissing } from "../../../sandbox/describe-unless-missing.ts";
import { type Authenticator, authenticate } from "./eks-authenticator.ts";
import { serveSts } from "./sts-stand-in.ts";
import { tampered } from "./tampered.ts";

const caller = {
  accessKeyId: "AKIAEXAMPLE",
  secretAccessKey: "the/secret+key",
  sessionToken: "a/session+token==",
  arn: "arn:aws:sts::000000000000:assumed-role/keyturn-prod-distribute/keyturn",
};
const ROLE = "arn:aws:iam::000000000000:role/keyturn-prod-distribute";
const cluster = async (changes: Partial<Authenticator> = {}): Promise<Authenticator> => ({
  clusterName: "prod",
  region: "eu-central-1",
  sts: await serveSts([caller]),
  entries: { [ROLE]: ["keyturn-prod"] },
  ...changes,
});
const options = (changes: object = {}) => ({
  clusterName: "prod",
  region: "eu-central-1",
  credentials: async () => caller,
  nowMs: systemClock.now(),
  ...changes,
});
const tokenOf = async (changes?: object) => (await eksToken(options(changes))).reveal();
const urlOf = (token: string) => new URL(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());

describe("a token for EKS", () => {
  test("says who signed it, who is of the groups of the role's access entry", async () => {
    expect(await authenticate(await tokenOf(), await cluster())).toEqual({
      username: caller.arn,
      groups: ["keyturn-prod"],
    });
  });

  test("is refused where its role has no access entry", async () => {
    expect(
      await authenticate(await tokenOf(), await cluster({ entries: { other: ["keyturn-prod"] } })),
    ).toBeUndefined();
  });

  test.each([
    ["for another cluster", { clusterName: "stage" }],
    ["for another region", { region: "us-east-1" }],
    ["signed 16 minutes ago", { nowMs: systemClock.now() - 16 * 60_000 }],
    ["signed with another key", { credentials: async () => ({ ...caller, secretAccessKey: "wrong" }) }],
    ["without the session", { credentials: async () => ({ ...caller, sessionToken: undefined }) }],
  ])("is refused %s", async (_, changes) => {
    expect(await authenticate(await tokenOf(changes), await cluster())).toBeUndefined();
  });

  test.each([
    ["its version", "Version", "2012-01-01"],
    ["its date", "X-Amz-Date", new Date(systemClock.now() - 1_000).toISOString().replace(/[-:]|\.\d+/g, "")],
    ["its life", "X-Amz-Expires", "900"],
    ["its signed headers", "X-Amz-SignedHeaders", "host"],
    ["who signed it", "X-Amz-Credential", "AKIAOTHER/20261121/eu-central-1/sts/aws4_request"],
    ["what it asks", "Action", "AssumeRole"],
  ])("is refused when %s was changed", async (_, parameter, value) => {
    expect(await authenticate(tampered(await tokenOf(), parameter, value), await cluster())).toBeUndefined();
  });

  test.each([
    ["cn-north-1", "sts.cn-north-1.amazonaws.com.cn"],
    ["us-gov-west-1", "sts.us-gov-west-1.amazonaws.com"],
    ["eu-central-1", "sts.eu-central-1.amazonaws.com"],
  ])("in %s is for %s", async (region, host) => {
    expect(urlOf(await tokenOf({ region })).host).toBe(host);
  });

  test("has no padding, and prints as redacted", async () => {
    const token = await eksToken(options());
    expect(token.reveal()).toMatch(/^k8s-aws-v1\.[\w-]+$/);
    expect(`${token} ${JSON.stringify({ token })}`).toBe('[redacted] {"token":"[redacted]"}');
  });
});

describeUnlessMissing([checkPython(await findPython())], "beside aws eks get-token", () => {
  test("it is the same token, signature included", { timeout: 180_000 }, async () => {
    const python = await prepareAwsCli();
    const env = {
      PATH: process.env.PATH ?? "",
      AWS_ACCESS_KEY_ID: caller.accessKeyId,
      AWS_SECRET_ACCESS_KEY: caller.secretAccessKey,
      AWS_SESSION_TOKEN: caller.sessionToken,
    };
    const call = ["-m", "awscli", "eks", "get-token", "--cluster-name", "prod", "--region", "eu-central-1"];
    const { stdout } = await promisify(execFile)(python, call, { env });
    const theirs = urlOf(JSON.parse(stdout).status.token);
    const date = theirs.searchParams.get("X-Amz-Date") ?? "";
    const nowMs = Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
    const ours = urlOf(await tokenOf({ nowMs }));
    expect(Object.fromEntries(ours.searchParams)).toEqual(Object.fromEntries(theirs.searchParams));
    expect(ours.origin + ours.pathname).toBe(theirs.origin + theirs.pathname);
  });
});
