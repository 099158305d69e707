import type { BatchGetSecretValueResponse } from "@aws-sdk/client-secrets-manager";
import { describe, expect, test } from "vitest";
import { aSecretsManager, expectRefusal } from "./a-secrets-manager.ts";

const withSecrets = async (count: number) => {
  const manager = aSecretsManager();
  for (let number = 0; number < count; number++) {
    await manager.call("CreateSecret", { Name: `team/${number}`, SecretString: `value ${number}` });
    await manager.clock.advance(1000);
  }
  const batch = (input: object) => manager.call<BatchGetSecretValueResponse>("BatchGetSecretValue", input);
  return { ...manager, batch };
};

const Filters = [{ Key: "name", Values: ["team/"] }];

describe("BatchGetSecretValue", () => {
  test("reads secrets by name and ARN, as GetSecretValue does, and marks the access", async () => {
    const { batch, describe: describeSecret, value } = await withSecrets(2);
    const { ARN } = await describeSecret("team/1");

    const { SecretValues, Errors } = await batch({ SecretIdList: [ARN, "team/0"] });

    expect(SecretValues).toEqual([await value({ SecretId: "team/1" }), await value({ SecretId: "team/0" })]);
    expect(Errors).toEqual([]);
    expect(await describeSecret("team/0")).toHaveProperty("LastAccessedDate");
  });

  test("what cannot be read is an error of its own and keeps nothing else back", async () => {
    const { batch, call } = await withSecrets(2);
    await call("DeleteSecret", { SecretId: "team/0" });
    await call("CreateSecret", { Name: "empty" });

    const { SecretValues, Errors } = await batch({ SecretIdList: ["team/0", "none", "empty", "team/1"] });

    expect(SecretValues?.map(({ Name }) => Name)).toEqual(["team/1"]);
    expect(Errors).toEqual([
      { SecretId: "team/0", ErrorCode: "InvalidRequestException", Message: expect.stringContaining("deletion") },
      { SecretId: "none", ErrorCode: "ResourceNotFoundException", Message: expect.stringContaining("can't find") },
      { SecretId: "empty", ErrorCode: "ResourceNotFoundException", Message: expect.stringContaining("AWSCURRENT") },
    ]);
  });

  test("reads what filters choose, twenty a page at most, without secrets marked for deletion", async () => {
    const { batch, call } = await withSecrets(23);
    await call("CreateSecret", { Name: "other", SecretString: "x" });
    await call("DeleteSecret", { SecretId: "team/3" });

    const first = await batch({ Filters });
    const second = await batch({ Filters, MaxResults: 20, NextToken: first.NextToken });

    expect(first.SecretValues).toHaveLength(20);
    expect(second.SecretValues?.map(({ Name }) => Name)).toEqual(["team/21", "team/22"]);
    expect(second).not.toHaveProperty("NextToken");
  });

  test.each([
    [{}, "InvalidParameterException", "Either"],
    [{ SecretIdList: ["team/0"], Filters }, "InvalidParameterException", "Either"],
    [{ SecretIdList: ["team/0"], MaxResults: 5 }, "InvalidParameterException", "'Filters' not specified"],
    [{ SecretIdList: [] }, "ValidationException", "secretIdList"],
    [{ SecretIdList: Array(21).fill("team/0") }, "ValidationException", "less than or equal to 20"],
    [{ Filters, MaxResults: 21 }, "ValidationException", "maxResults"],
    [{ Filters, NextToken: "nonsense" }, "InvalidNextTokenException", "NextToken"],
    [{ Filters: [{ Key: "name" }] }, "InvalidParameterException", "Invalid filter values"],
  ])("%j is refused", async (input, code, text) => {
    const { batch } = await withSecrets(1);

    await expectRefusal(batch(input), code, text);
  });
});
