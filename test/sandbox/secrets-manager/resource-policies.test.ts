import { describe, expect, test } from "vitest";
import { aSecretsManager, expectRefusal } from "./a-secrets-manager.ts";

const ROLE = "arn:aws:iam::123456789012:role/reader";

const policy = (change: object = {}): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { AWS: ROLE }, Action: "secretsmanager:GetSecretValue", Resource: "*", ...change },
    ],
  });

const withSecret = async () => {
  const manager = aSecretsManager();
  await manager.create();
  const put = (ResourcePolicy: string, more: object = {}) =>
    manager.call("PutResourcePolicy", { SecretId: "key", ResourcePolicy, ...more });
  return { ...manager, put };
};

describe("a resource policy", () => {
  test("is returned as it was put, replaced by the next one, and gone once it is deleted", async () => {
    const { create, call, put } = await withSecret();
    const { ARN } = await create({ Name: "other" });
    const answer = { ARN: expect.stringContaining(":secret:key-"), Name: "key" };
    expect(await call("GetResourcePolicy", { SecretId: "key" })).toEqual(answer);

    expect(await put(policy())).toEqual(answer);
    await put(` ${policy({ Effect: "Deny" })}\n`);
    expect(await call("GetResourcePolicy", { SecretId: "key" })).toEqual({
      ...answer,
      ResourcePolicy: ` ${policy({ Effect: "Deny" })}\n`,
    });
    expect(await call("GetResourcePolicy", { SecretId: ARN })).not.toHaveProperty("ResourcePolicy");
    for (let time = 0; time < 2; time++)
      expect(await call("DeleteResourcePolicy", { SecretId: "key" })).toEqual(answer);

    expect(await call("GetResourcePolicy", { SecretId: "key" })).toEqual(answer);
  });

  test.each([
    { Principal: "*" },
    { Principal: { AWS: ["123456789012", ROLE] } },
    { Principal: { Service: "lambda.amazonaws.com" } },
    { Principal: undefined, NotPrincipal: { AWS: ROLE }, Effect: "Deny" },
    { Action: ["secretsmanager:*", "*"] },
    { Action: undefined, NotAction: "secretsmanager:DeleteSecret" },
    { Condition: { StringEquals: { "aws:SourceVpc": ["vpc-1", "vpc-2"] }, Bool: { "aws:SecureTransport": true } } },
    { Sid: "ReadersOnly" },
  ])("may have a statement with %j", async (change) => {
    const { put } = await withSecret();

    await expect(put(policy(change))).resolves.toMatchObject({ Name: "key" });
  });

  test.each([
    ["no JSON", "{", "not JSON"],
    ["a list", "[]", "document"],
    ["no statement", '{"Version":"2012-10-17"}', "Statement"],
    ["another version", '{"Version":"2019-10-19","Statement":[]}', "Version"],
    ["an unknown field", '{"Version":"2012-10-17","Owner":"x"}', ""],
    ["no effect", policy({ Effect: undefined }), "Statement"],
    ["no principal", policy({ Principal: undefined }), ""],
    ["two kinds of principal", policy({ NotPrincipal: "*" }), ""],
    ["no action", policy({ Action: undefined }), ""],
    ["no resource", policy({ Resource: undefined }), ""],
    ["an empty principal", policy({ Principal: {} }), ""],
    ["a principal that is none", policy({ Principal: { AWS: "me" } }), ""],
    ["an action that is none", policy({ Action: "GetSecretValue" }), ""],
    ["a condition that is none", policy({ Condition: { StringEquals: "x" } }), ""],
  ])("with %s is malformed, whether it is put or validated", async (_, text, reason) => {
    const { call, put } = await withSecret();

    const expected = [
      "MalformedPolicyDocumentException",
      new RegExp(`This policy has invalid syntax.*${reason}`),
    ] as const;
    await expectRefusal(put(text), ...expected);
    await expectRefusal(call("ValidateResourcePolicy", { ResourcePolicy: text }), ...expected);
    expect(await call("GetResourcePolicy", { SecretId: "key" })).not.toHaveProperty("ResourcePolicy");
  });

  test.each(["", "x".repeat(20_481)])("has from 1 to 20,480 characters", async (text) => {
    const { put } = await withSecret();

    await expectRefusal(put(text), "ValidationException", "resourcePolicy");
  });
});

describe("a public policy", () => {
  test.each([
    ["a wildcard", { Principal: "*" }, true],
    ["a wildcard of AWS", { Principal: { AWS: "*" } }, true],
    ["a wildcard among others", { Principal: { AWS: [ROLE, "*"] } }, true],
    ["everybody but one", { Principal: undefined, NotPrincipal: { AWS: ROLE } }, true],
    [
      "a condition that does not limit who",
      { Principal: "*", Condition: { Bool: { "aws:SecureTransport": "true" } } },
      true,
    ],
    ["a condition of everything", { Principal: "*", Condition: { StringLike: { "aws:PrincipalOrgID": "*" } } }, true],
    [
      "every network",
      { Principal: "*", Condition: { IpAddress: { "aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/0"] } } },
      true,
    ],
    [
      "an excluding condition",
      { Principal: "*", Condition: { StringNotEquals: { "aws:PrincipalOrgID": "o-1" } } },
      true,
    ],
    ["a role", {}, false],
    ["a wildcard that is denied", { Principal: "*", Effect: "Deny" }, false],
    ["an organization", { Principal: "*", Condition: { StringEquals: { "aws:principalorgid": "o-1" } } }, false],
    ["a network", { Principal: "*", Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }, false],
  ])("by %s: %j is %s", async (_, change, expected) => {
    const { call, put } = await withSecret();
    const text = policy(change);

    const validated = await call("ValidateResourcePolicy", { SecretId: "key", ResourcePolicy: text });
    expect(validated.PolicyValidationPassed).toBe(!expected);
    expect(validated.ValidationErrors).toHaveLength(expected ? 1 : 0);
    const blocked = put(text, { BlockPublicPolicy: true });
    if (expected) await expectRefusal(blocked, "PublicPolicyException", "BlockPublicPolicy");
    else await blocked;

    await put(text);
  });

  test("ValidateResourcePolicy of a secret that is not there is refused", async () => {
    const work = aSecretsManager().call("ValidateResourcePolicy", { SecretId: "none", ResourcePolicy: policy() });

    await expectRefusal(work, "ResourceNotFoundException");
  });
});
