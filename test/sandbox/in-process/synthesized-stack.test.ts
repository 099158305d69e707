import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { expect, test } from "vitest";
import { readSynthesizedStack } from "../../../sandbox/in-process/synthesized-stack.ts";
import { apiKeysStack } from "../../../stacks/api-keys.ts";
import { sandboxConfiguration } from "../../../stacks/sandbox-configuration.ts";
import { fullSynth, newApp, sharedBundles } from "../../constructs/declare.ts";
import { temporaryFolder } from "../../constructs/temporary-folder.ts";
import { SANDBOX_ENVIRONMENT } from "../../stacks/environment.ts";

const NOTHING = {
  aws_secretsmanager_secret: {},
  aws_lambda_function: { rotate: { function_name: "rotate", filename: "rotate.zip", timeout: 60 } },
  keyturn_api_key: {},
  aws_secretsmanager_secret_rotation: {},
  aws_lambda_permission: {},
  aws_scheduler_schedule: {},
  aws_cloudwatch_log_group: {},
  aws_cloudwatch_metric_alarm: {},
  aws_iam_role: {},
  aws_iam_role_policy: {},
  aws_lambda_function_event_invoke_config: {},
  aws_sns_topic: {},
};

/** An output folder with one stack of these resources, and a function's zip with these files. */
const outputWith = (resource: object, files: Record<string, string> = { "grants.json": '{"service":"a"}' }): string => {
  const output = temporaryFolder();
  const folder = join(output, "stacks", "a");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify({ resource }));
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const);
  writeFileSync(join(folder, "rotate.zip"), zipSync(Object.fromEntries(entries)));
  return output;
};

test("the sandbox's own stack can be read, with what its functions grant", () => {
  const configuration = sandboxConfiguration(SANDBOX_ENVIRONMENT);
  const service = { ...configuration.service, bundles: sharedBundles() };
  const folder = fullSynth(apiKeysStack(newApp(), { ...configuration, service }));

  const { resources, grants } = readSynthesizedStack(join(folder, "..", ".."), "sandbox");

  const names = Object.values(resources.aws_secretsmanager_secret).map(({ tags }) => tags["keyturn:name"]);
  expect(names.sort()).toEqual(["sandbox-ci", "sandbox-report", "sandbox-training", "sandbox-webapp"]);
  expect(grants).toMatchObject({ service: "sandbox" });
});

test("a kind of resource that is not known is an error that names it, never passed over", () => {
  const output = outputWith({ ...NOTHING, aws_dynamodb_table: { keys: {} } });
  expect(() => readSynthesizedStack(output, "a")).toThrow("aws_dynamodb_table");
});

test("a rotation that would begin by itself is an error: it would mint keys while the stack is deployed", () => {
  const rotation = {
    secret_id: "a",
    rotation_lambda_arn: "b",
    rotation_rules: { automatically_after_days: 90 },
    rotate_immediately: true,
  };
  const output = outputWith({ ...NOTHING, aws_secretsmanager_secret_rotation: { web: rotation } });
  expect(() => readSynthesizedStack(output, "a")).toThrow("rotate_immediately");
});

test("a stack without a function is an error that names the stack", () => {
  const output = outputWith({ ...NOTHING, aws_lambda_function: {} });
  expect(() => readSynthesizedStack(output, "a")).toThrow("the stack a has no function");
});

test("a function's zip without grants is an error that names the file", () => {
  const output = outputWith(NOTHING, { "index.js": "" });
  expect(() => readSynthesizedStack(output, "a")).toThrow(/no grants\.json in .*rotate\.zip/);
});
