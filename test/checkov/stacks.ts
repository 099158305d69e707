import { DataAwsSubnets } from "@cdktf/provider-aws/lib/data-aws-subnets/index.js";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy/index.js";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key/index.js";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic/index.js";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue/index.js";
import { type App, Fn, LocalBackend, TerraformStack } from "cdktf";
import { KeyRotationService, KubernetesSecretTarget, PictifyApiKey } from "../../constructs/index.ts";
import { apiKeysStack } from "../../stacks/api-keys.ts";
import { productionConfiguration } from "../../stacks/production-configuration.ts";

/** @param bundles the folder with the functions' bundles and the provider; what is in them does not matter here */
type Declare = (app: App, bundles: string) => TerraformStack;

const production: Declare = (app, bundles) =>
  apiKeysStack(app, { ...productionConfiguration, service: { ...productionConfiguration.service, bundles } });

const KMS_POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "Account",
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::123456789012:root" },
      Action: ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
      Resource: "*",
    },
  ],
});

/** Everything that a service may be told to be strict: what checkov finds there, nobody can switch off. */
const strict: Declare = (app, bundles) => {
  const stack = new TerraformStack(app, "strict");
  new LocalBackend(stack, { path: "terraform.strict.tfstate" });
  new AwsProvider(stack, "Aws", { region: "eu-central-1" });
  const key = new KmsKey(stack, "Kms", { enableKeyRotation: true, policy: KMS_POLICY });
  const subnets = new DataAwsSubnets(stack, "Subnets");
  const service = new KeyRotationService(stack, "Keyturn", {
    name: "strict",
    bundles,
    alarmTopic: new SnsTopic(stack, "Alarms", { kmsMasterKeyId: key.arn }),
    encryptionKey: key,
    logEncryptionKey: key,
    scheduleEncryptionKey: key,
    logRetentionDays: 365,
    reservedConcurrency: 5,
    tracing: "Active",
    permissionsBoundary: new IamPolicy(stack, "Boundary", {
      policy: JSON.stringify({ Version: "2012-10-17", Statement: [] }),
    }),
    failureDestination: { queue: new SqsQueue(stack, "Failures", { kmsMasterKeyId: key.arn }) },
    vpc: { subnetIds: Fn.tolist(subnets.ids), securityGroupIds: ["sg-00000000000000000"], functions: "all" },
  });
  const vendor = service.addVendor("Pictify", {
    vendor: "pictify",
    adminSecretName: "keyturn/pictify",
    plan: "pro",
    adminSecretEncryptionKey: key,
  });
  const cluster = service.addCluster("Prod", { name: "prod", eksClusterName: "prod", region: "eu-central-1" });
  const apiKey = new PictifyApiKey(stack, "WebApp", { vendor, name: "webapp", type: "live" });
  apiKey.addTarget(
    new KubernetesSecretTarget({ cluster, namespace: "web", secretName: "pictify", restart: ["deployment/web"] }),
  );
  const role = new IamRole(stack, "Reader", {
    assumeRolePolicy: JSON.stringify({ Version: "2012-10-17", Statement: [] }),
  });
  apiKey.grantRead(role);
  service.grantRead(role);
  service.grantPlan(role);
  service.grantDeploy(role);
  return stack;
};

/** What checkov looks at, by the names of the stacks. */
export const STACKS = { production, strict } as const;

export type StackName = keyof typeof STACKS;
