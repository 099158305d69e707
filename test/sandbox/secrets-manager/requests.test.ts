import * as sdk from "@aws-sdk/client-secrets-manager";
import { describe, expect, test } from "vitest";
import { LEFT_OUT, LEFT_OUT_PARAMETERS } from "../../../sandbox/secrets-manager/index.ts";
import { aSecretsManager, expectRefusal, token } from "./a-secrets-manager.ts";

describe("an operation", () => {
  test("of every command of the SDK is there", async () => {
    const operations = Object.keys(sdk).flatMap((name) => /^([A-Z]\w+)Command$/.exec(name)?.[1] ?? []);
    expect(operations).toHaveLength(23);

    for (const operation of operations) {
      const refusal = await aSecretsManager()
        .call(operation)
        .then(
          () => undefined,
          (reason: Error) => reason.name,
        );
      expect([undefined, "ValidationException", "InvalidParameterException"]).toContain(refusal);
    }
  });

  test.each(["ReadSecret", "createSecret", "", "toString"])("%j is not known", async (operation) => {
    await expectRefusal(aSecretsManager().call(operation), "UnknownOperationException", JSON.stringify(operation));
  });
});

describe("a parameter", () => {
  test("that is left out is refused by name, and changes nothing", async () => {
    for (const [operation, parameters] of Object.entries(LEFT_OUT_PARAMETERS)) {
      for (const parameter of parameters) {
        const { call, create, list } = aSecretsManager();
        await create();
        const input = { Name: "n", SecretId: "key", [parameter]: "x" };

        await expectRefusal(call(operation, input), "NotImplementedException", `Parameter ${parameter}:`);
        expect((await list()).SecretList).toHaveLength(1);
      }
    }
  });

  test("that is left out stands in the list of what is left out", () => {
    for (const parameter of Object.values(LEFT_OUT_PARAMETERS).flat()) {
      expect(LEFT_OUT.some(({ what }) => what.includes(parameter))).toBe(true);
    }
  });

  test("that nobody knows is ignored, and null counts as absent, as with AWS", async () => {
    const { create, describe: describeKey } = aSecretsManager();

    await create({ Invented: 1, Description: null, AddReplicaRegions: null });

    expect(await describeKey()).not.toHaveProperty("Description");
  });

  test.each([
    ["DescribeSecret", {}, "Value null at 'secretId' failed to satisfy constraint: Member must not be null"],
    [
      "DescribeSecret",
      { SecretId: "" },
      "Value '' at 'secretId' failed to satisfy constraint: Member must have length",
    ],
    ["GetSecretValue", { SecretId: "key", VersionId: "short" }, "Value 'short' at 'versionId'"],
    ["UpdateSecretVersionStage", { SecretId: "key" }, "'versionStage'"],
    ["TagResource", { SecretId: "key" }, "'tags'"],
    ["UntagResource", { SecretId: "key" }, "'tagKeys'"],
    ["UpdateSecret", { SecretId: "key", Description: "d".repeat(2049) }, "less than or equal to 2048"],
    ["CreateSecret", { Name: "n", KmsKeyId: "k".repeat(2049) }, "'kmsKeyId'"],
  ])("%s refuses a broken request (%#)", async (operation, input, text) => {
    await expectRefusal(aSecretsManager().call(operation, input), "ValidationException", text);
  });

  test("all broken constraints are named at once", async () => {
    const broken = { SecretId: "key", VersionId: "v", VersionStage: "" };

    await expectRefusal(aSecretsManager().value(broken), "ValidationException", /^2 validation errors detected: .*; /);
  });

  test("of the wrong JSON type is a SerializationException", async () => {
    for (const [operation, input] of [
      ["DescribeSecret", { SecretId: 5 }],
      ["ListSecrets", { MaxResults: "many" }],
      ["ListSecrets", { MaxResults: 1.5 }],
      ["PutSecretValue", { SecretId: "key", SecretBinary: 7 }],
    ] as const) {
      await expectRefusal(aSecretsManager().call(operation, input), "SerializationException");
    }
  });

  test("no refusal shows a value", async () => {
    const { create, call } = aSecretsManager();
    await create({ SecretString: "SECRET-1" });
    const put = { SecretId: "key", ClientRequestToken: token("a") };
    const refusals = [
      call("PutSecretValue", { ...put, SecretString: "SECRET-2" }),
      call("PutSecretValue", { ...put, SecretString: `SECRET-3${"x".repeat(70_000)}` }),
      call("PutSecretValue", { ...put, SecretString: { SECRET: 4 } }),
      call("PutSecretValue", { ...put, SecretString: "x", RotationToken: "SECRET-5" }),
      call("PutSecretValue", { ...put, SecretBinary: "SECRET-6" }),
    ];

    for (const result of await Promise.allSettled(refusals)) {
      expect(result).toMatchObject({ status: "rejected", reason: { message: expect.not.stringContaining("SECRET") } });
    }
  });
});

test("calls are counted by operation, those that were refused too", async () => {
  const { create, model, value } = aSecretsManager();
  await create();
  await value();
  await value({ VersionStage: "none" }).catch(() => undefined);

  expect(model.calls()).toEqual([
    { operation: "CreateSecret", count: 1 },
    { operation: "GetSecretValue", count: 2 },
  ]);
});
