import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function/index.js";
import { LambdaFunctionEventInvokeConfig } from "@cdktf/provider-aws/lib/lambda-function-event-invoke-config/index.js";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission/index.js";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { SchedulerSchedule } from "@cdktf/provider-aws/lib/scheduler-schedule/index.js";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret/index.js";
import { SecretsmanagerSecretRotation } from "@cdktf/provider-aws/lib/secretsmanager-secret-rotation/index.js";
import type { App, ITerraformDependable } from "cdktf";
import { LocalBackend, TerraformStack } from "cdktf";
import { functionZip, zipHash } from "../constructs/function-zip.ts";
import { BUNDLES, bundlePath, CORE_FUNCTION_NAMES, functionName } from "../constructs/functions.ts";
import { builtProvider } from "../constructs/terraform/built-provider.ts";
import { KeyturnApiKey } from "../constructs/terraform/keyturn-api-key.ts";
import { KeyturnProvider } from "../constructs/terraform/keyturn-provider.ts";
import { declarationTags } from "../lambdas/contracts/declaration.ts";
import { declarationFor, SERVICE } from "./declared.ts";

/*
 * The resources of `synth-ours.ts`, written out in cdktf by hand: no checks, no policies worked out, no grants collected. The
 * functions' zips are made once, as ours are.
 */
const POLICY = JSON.stringify({ Version: "2012-10-17", Statement: [] });

const role = (stack: TerraformStack, id: string): IamRole => {
  const made = new IamRole(stack, `${id}Role`, { name: `keyturn-${id}`, assumeRolePolicy: POLICY });
  new IamRolePolicy(stack, `${id}Policy`, { name: "keyturn", role: made.name, policy: POLICY });
  return made;
};

const zipOf = (name: (typeof CORE_FUNCTION_NAMES)[number], stack: TerraformStack, app: App) => {
  const files = { "index.js": readFileSync(bundlePath(BUNDLES, name)), "grants.json": Buffer.from("{}") };
  const zip = functionZip(files);
  const path = join("assets", `${name}.zip`);
  const file = join(app.outdir, "stacks", stack.node.id, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, zip);
  return { filename: path, sourceCodeHash: zipHash(zip) };
};

const makeFunction = (stack: TerraformStack, app: App, name: (typeof CORE_FUNCTION_NAMES)[number]): LambdaFunction => {
  const logGroup = new CloudwatchLogGroup(stack, `${name}LogGroup`, {
    name: `/aws/lambda/${name}`,
    retentionInDays: 30,
  });
  const made = new LambdaFunction(stack, `${name}Function`, {
    functionName: functionName(SERVICE, name),
    role: role(stack, name).arn,
    runtime: "nodejs22.x",
    handler: "index.handler",
    memorySize: 256,
    timeout: 120,
    ...zipOf(name, stack, app),
    dependsOn: [logGroup],
  });
  new LambdaFunctionEventInvokeConfig(stack, `${name}Async`, {
    functionName: made.functionName,
    maximumRetryAttempts: 2,
  });
  return made;
};

interface Shared {
  readonly provider: KeyturnProvider;
  readonly rotate: LambdaFunction;
  readonly dependsOn: ITerraformDependable[];
}

const makeService = (stack: TerraformStack, app: App): Shared => {
  const functions = CORE_FUNCTION_NAMES.map((name) => makeFunction(stack, app, name));
  const [rotate, ...others] = functions;
  if (!rotate) throw new Error("there is no function to rotate with");
  const permission = new LambdaPermission(stack, "Permission", {
    action: "lambda:InvokeFunction",
    functionName: rotate.functionName,
    principal: "secretsmanager.amazonaws.com",
  });
  const schedule = new SchedulerSchedule(stack, "Schedule", {
    name: "reconcile",
    scheduleExpression: "rate(5 minutes)",
    flexibleTimeWindow: { mode: "OFF" },
    target: { arn: rotate.arn, roleArn: role(stack, "schedule").arn, input: "{}" },
  });
  const provider = new KeyturnProvider(stack, "Keyturn", {
    alias: "bench",
    inspectFunction: "inspect",
    manageFunction: "manage",
    built: builtProvider(BUNDLES),
  });
  return { provider, rotate, dependsOn: [permission, schedule, ...others] };
};

const makeKey = (stack: TerraformStack, index: number, { provider, rotate, dependsOn }: Shared): void => {
  const name = `key-${index}`;
  const secret = new SecretsmanagerSecret(stack, `Secret${index}`, {
    name: `keyturn/${SERVICE}/${name}`,
    description: `Keyturn: API key ${name} of pictify, type live`,
    recoveryWindowInDays: 30,
    tags: declarationTags(declarationFor("pictify", name)),
  });
  const key = new KeyturnApiKey(stack, `Key${index}`, {
    provider,
    secretId: secret.arn,
    name,
    vendor: "pictify",
    type: "live",
    lifecycle: { createBeforeDestroy: true },
    dependsOn,
  });
  new SecretsmanagerSecretRotation(stack, `Rotation${index}`, {
    secretId: secret.arn,
    rotationLambdaArn: rotate.arn,
    rotateImmediately: false,
    rotationRules: { automaticallyAfterDays: 90 },
    dependsOn: [...dependsOn, key],
  });
};

/** A stack with the same resources, and so many keys, in bare cdktf. */
export const declareBare = (app: App, size: number): TerraformStack => {
  const stack = new TerraformStack(app, "stack");
  new LocalBackend(stack, { path: "terraform.tfstate" });
  new AwsProvider(stack, "Aws", { region: "us-east-1" });
  const shared = makeService(stack, app);
  for (let index = 0; index < size; index++) makeKey(stack, index, shared);
  return stack;
};
