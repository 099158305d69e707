import { type TerraformStack, Token } from "cdktf";
import { FUNCTION_NAMES, type FunctionName } from "../../constructs/functions.ts";
import {
  addCluster,
  addPictograph,
  addWebKey,
  newService,
  newStack,
  resourceOf,
  resourcesOf,
  webTarget,
} from "../constructs/declare.ts";
import type { PolicyStatement } from "./iam-policy.ts";

const ACCOUNT: Readonly<Record<string, string>> = {
  aws_caller_identity: "000000000000",
  aws_region: "us-east-1",
  aws_partition: "aws",
};

export const TOPIC = "arn:aws:sns:us-east-1:000000000000:oncall";
export const EKS_CLUSTER = { name: "prod-eu", region: "eu-central-1" } as const;
export const KUBECONFIG_SECRET = "clusters/stage";
export const KMS_KEY = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555";

/** A stack with the service `prod` and everything that can give its functions a right. */
const serviceStack = (): TerraformStack => {
  const stack = newStack();
  const service = newService(stack, {
    name: "prod",
    alarmTopic: { arn: TOPIC },
    encryptionKey: { arn: KMS_KEY },
    vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"], functions: "all" },
    alarmTopicEncryptionKey: { arn: KMS_KEY },
    tracing: "Active",
  });
  addPictograph(service);
  const { name: eksClusterName, region } = EKS_CLUSTER;
  const stage = { name: "stage", kubeconfigSecretName: KUBECONFIG_SECRET };
  addWebKey(service, [
    webTarget(addCluster(service, { eksClusterName, region })),
    webTarget(addCluster(service, stage, "Stage"), { id: "stage" }),
  ]);
  return stack;
};

const arnOf = (stack: TerraformStack, type: string, id: string): string | undefined => {
  const attributes = resourcesOf(stack, type)[`${type}.${id}`];
  if (type === "aws_lambda_function")
    return `arn:aws:lambda:us-east-1:000000000000:function:${attributes?.function_name}`;
  if (type === "aws_cloudwatch_log_group") return `arn:aws:logs:us-east-1:000000000000:log-group:${attributes?.name}`;
  return undefined;
};

/** A text of the stack with what Terraform would put in place of its references. */
const resolved = (stack: TerraformStack, text: string): string => {
  const done = text
    .replace(/\$\{data\.(\w+)\.\w+\.\w+\}/g, (whole, type: string) => ACCOUNT[type] ?? whole)
    .replace(/\$\{(\w+)\.(\w+)\.arn\}/g, (whole, type: string, id: string) => arnOf(stack, type, id) ?? whole);
  if (done.includes("${") || Token.isUnresolved(done)) throw new Error(`cannot resolve ${done}`);
  return done;
};

/** The policy of each function of the service `prod`, as it would be deployed in the account of the tests. */
export const synthesizedPolicies = (): Readonly<Record<FunctionName, readonly PolicyStatement[]>> => {
  const stack = serviceStack();
  const policyOf = (name: FunctionName): readonly PolicyStatement[] => {
    const [, { policy }] = resourceOf(stack, "aws_iam_role_policy", `_${name}_`);
    return JSON.parse(resolved(stack, policy)).Statement;
  };
  const entries = FUNCTION_NAMES.map((name) => [name, policyOf(name)] as const);
  return Object.fromEntries(entries) as Record<FunctionName, readonly PolicyStatement[]>;
};
