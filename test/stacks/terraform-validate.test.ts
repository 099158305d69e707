import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key/index.js";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue/index.js";
import type { TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { PictifyApiKey } from "../../constructs/index.ts";
import { buildProvider } from "../../provider/build.ts";
import { type TerraformEnvironment, terraformEnvironment } from "../../sandbox/terraform/environment.ts";
import { apiKeysStack } from "../../stacks/api-keys.ts";
import { AWS_PROVIDER_VERSIONS } from "../../stacks/aws-provider-versions.ts";
import { productionConfiguration } from "../../stacks/production-configuration.ts";
import { sandboxConfiguration } from "../../stacks/sandbox-configuration.ts";
import {
  addCluster,
  addPictify,
  emptyBundles,
  fullSynth,
  newApp,
  newService,
  newStack,
  webTarget,
} from "../constructs/declare.ts";
import { temporaryFolder } from "../constructs/temporary-folder.ts";
import { SANDBOX_ENVIRONMENT } from "./environment.ts";

const run = promisify(execFile);
const SLOW_MS = 120_000;

const required = process.env.KEYTURN_REQUIRE_ALL === "1";
const terraform: TerraformEnvironment = await terraformEnvironment({ stateFolder: temporaryFolder() });
const { missing } = terraform;

/** Functions that do nothing, and the real provider. */
const BUNDLES = emptyBundles(await buildProvider());

/** What the real Terraform says of a synthesized stack, with the real AWS provider. */
const validate = async (stack: TerraformStack): Promise<{ valid: boolean; diagnostics: unknown[] }> => {
  const cwd = fullSynth(stack);
  const binary = terraform.env.TERRAFORM_BINARY_NAME ?? "terraform";
  await run(binary, ["init", "-backend=false", "-input=false"], { cwd, env: terraform.env });
  const answer = await run(binary, ["validate", "-json"], { cwd, env: terraform.env }).catch((error) => error);
  return JSON.parse(answer.stdout);
};

const everything = (): TerraformStack => {
  const stack = newStack();
  stack.addOverride("terraform.required_providers.aws.version", AWS_PROVIDER_VERSIONS);
  const encryptionKey = new KmsKey(stack, "Key");
  const alarmTopic = { arn: "arn:aws:sns:eu-central-1:123456789012:oncall" };
  const service = newService(stack, {
    alarmTopic,
    encryptionKey,
    architecture: "arm64",
    reservedConcurrency: 2,
    vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"], functions: "all" },
    runtime: "nodejs22.x",
    permissionsBoundary: { arn: "arn:aws:iam::123456789012:policy/boundary" },
    rolePath: "/platform/",
    tracing: "Active",
    logEncryptionKey: encryptionKey,
    scheduleEncryptionKey: encryptionKey,
    failureDestination: { queue: new SqsQueue(stack, "Failures", { kmsMasterKeyId: encryptionKey.id }) },
    functionTags: { team: "platform" },
    proxy: { httpsProxy: "http://proxy.example:3128", noProxy: [".amazonaws.com"] },
    terraformProvider: {
      region: "eu-central-1",
      profile: "deploy",
      endpointUrl: "https://lambda.example",
      assumeRole: { roleArn: "arn:aws:iam::123456789012:role/deploy", duration: "1h" },
    },
    bundles: BUNDLES,
  });
  const vendor = addPictify(service, { adminSecretEncryptionKey: encryptionKey });
  const key = new PictifyApiKey(stack, "WebApp", {
    vendor,
    name: "webapp",
    type: "live",
    forceDestroy: true,
    secretName: "keyturn/platform-prod/old-name",
    adoptKeyId: "key_by_hand",
    timeouts: { create: "PT30M", update: "PT30M", delete: "PT1H" },
    tags: { team: "web" },
  });
  key.addTarget(webTarget(addCluster(service, { eksClusterName: "prod", region: "eu-central-1" })));
  const role = new IamRole(stack, "Role", { assumeRolePolicy: "{}" });
  key.grantRead(role);
  service.grantPlan(role);
  service.grantDeploy(role);
  service.grantRead(role);
  PictifyApiKey.fromSecretName(stack, "Other", "keyturn/other/webapp").grantRead(role);
  return stack;
};

const bundled = (name: string) => ({ service: { name, bundles: BUNDLES } });

const stacks: readonly (readonly [string, () => TerraformStack])[] = [
  [
    "the sandbox stack",
    () =>
      apiKeysStack(newApp(), {
        ...sandboxConfiguration(SANDBOX_ENVIRONMENT),
        ...bundled("sandbox"),
      }),
  ],
  [
    "the sandbox stack with a cluster",
    () => {
      const configuration = sandboxConfiguration({ ...SANDBOX_ENVIRONMENT, KEYTURN_CLUSTER_NAMESPACE: "web" });
      return apiKeysStack(newApp(), { ...configuration, service: { ...configuration.service, bundles: BUNDLES } });
    },
  ],
  ["the production stack", () => apiKeysStack(newApp(), { ...productionConfiguration, ...bundled("platform-prod") })],
  ["a stack with every option", everything],
];

describe("terraform validate", () => {
  test.for(stacks)(
    "accepts %s with the real AWS provider and ours",
    { timeout: SLOW_MS },
    async ([, stack], { skip }) => {
      skip(missing !== undefined && !required, missing);

      expect(missing).toBeUndefined();
      expect(await validate(stack())).toMatchObject({ valid: true, diagnostics: [] });
    },
  );
});
