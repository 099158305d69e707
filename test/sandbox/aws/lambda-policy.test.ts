import { describe, expect, test } from "vitest";
import { allowsSecretsManager } from "../../../sandbox/aws/lambda-policy.ts";

const ACCOUNT = "000000000000";

const allowing = {
  Effect: "Allow",
  Principal: { Service: "secretsmanager.amazonaws.com" },
  Action: "lambda:InvokeFunction",
};

const ask = (...statements: object[]) => allowsSecretsManager(JSON.stringify({ Statement: statements }), ACCOUNT);

describe("a function's resource policy", () => {
  test.each([
    ["names Secrets Manager", allowing],
    [
      "names it among others",
      { ...allowing, Principal: { Service: ["s3.amazonaws.com", "secretsmanager.amazonaws.com"] } },
    ],
    ["names everybody", { ...allowing, Principal: "*" }],
    ["allows every action", { ...allowing, Action: "lambda:*" }],
    ["wants our account", { ...allowing, Condition: { StringEquals: { "AWS:SourceAccount": ACCOUNT } } }],
    [
      "wants a secret",
      { ...allowing, Condition: { ArnLike: { "aws:SourceArn": `arn:aws:secretsmanager:*:${ACCOUNT}:*` } } },
    ],
  ])("that %s lets it invoke", (_, statement) => {
    expect(ask(statement)).toBe(true);
  });

  test.each([
    ["names another service", { ...allowing, Principal: { Service: "events.amazonaws.com" } }],
    ["allows another action", { ...allowing, Action: "lambda:GetFunction" }],
    ["wants another account", { ...allowing, Condition: { StringEquals: { "AWS:SourceAccount": "111111111111" } } }],
    [
      "wants another service's ARN",
      { ...allowing, Condition: { ArnLike: { "aws:SourceArn": "arn:aws:s3:::bucket" } } },
    ],
  ])("that %s does not", (_, statement) => {
    expect(ask(statement)).toBe(false);
  });

  test("that denies what it allows denies it", () => {
    expect(ask(allowing, { ...allowing, Effect: "Deny" })).toBe(false);
  });

  test("without statements allows nothing", () => {
    expect(ask()).toBe(false);
  });
});
