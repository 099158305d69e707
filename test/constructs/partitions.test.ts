import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key/index.js";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic/index.js";
import { App, LocalBackend, TerraformStack } from "cdktf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FUNCTION_NAMES } from "../../constructs/functions.ts";
import { addCluster, addPictograph, addWebKey, newApp, newService, synthesize, webTarget } from "./declare.ts";

interface Partition {
  readonly name: string;
  readonly regions: readonly string[];
  /** Where its services are: `secretsmanager.cn-north-1.amazonaws.com.cn`. */
  readonly domain: string;
}

const PARTITIONS: readonly Partition[] = [
  { name: "aws", regions: ["us-east-1", "eu-central-1"], domain: "amazonaws.com" },
  { name: "aws-cn", regions: ["cn-north-1", "cn-northwest-1"], domain: "amazonaws.com.cn" },
  { name: "aws-us-gov", regions: ["us-gov-west-1", "us-gov-east-1"], domain: "amazonaws.com" },
];

interface Place {
  readonly partition: Partition;
  readonly region: string;
  readonly account: string;
}

const place: fc.Arbitrary<Place> = fc.constantFrom(...PARTITIONS).chain((partition) =>
  fc.record({
    partition: fc.constant(partition),
    region: fc.constantFrom(...partition.regions),
    account: fc.stringMatching(/^\d{12}$/),
  }),
);

/** Two stacks with everything that writes a policy, none of which names a partition itself. */
const stacksIn = ({ region }: Place): readonly TerraformStack[] => {
  const app = newApp();
  const [stack, roles] = ["stack", "roles"].map((id) => {
    const made = new TerraformStack(app, id);
    new LocalBackend(made, { path: `terraform.${id}.tfstate` });
    new AwsProvider(made, "Aws", { region });
    return made;
  }) as [TerraformStack, TerraformStack];
  const kms = new KmsKey(stack, "Kms");
  const service = newService(stack, {
    alarmTopic: new SnsTopic(stack, "Topic", { kmsMasterKeyId: kms.id }),
    encryptionKey: kms,
    logEncryptionKey: kms,
    scheduleEncryptionKey: kms,
    tracing: "Active",
    vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"], functions: "all" },
  });
  addPictograph(service, { adminSecretEncryptionKey: kms });
  const eks = addCluster(service, { eksClusterName: "prod", region });
  const key = addWebKey(service, [
    webTarget(eks),
    webTarget(addCluster(service, { name: "b", kubeconfigSecretName: "clusters/b" } as never, "B"), { id: "b" }),
  ]);
  for (const scope of [stack, roles]) {
    const role = new IamRole(scope, "Reader", { name: "reader", assumeRolePolicy: "{}" });
    key.grantRead(role);
    service.grantRead(role);
    service.grantPlan(role);
    service.grantDeploy(role);
  }
  App.of(stack).synth();
  return [stack, roles];
};

type Resources = Record<string, Record<string, Record<string, unknown>>>;

/** What AWS would answer for the attribute `arn` of a resource in a place. */
const arnIn = ({ partition, region, account }: Place, type: string, id: string, resources: Resources): string => {
  const { function_name, name } = resources[type]?.[id] ?? {};
  const of = (service: string, resource: unknown) =>
    `arn:${partition.name}:${service}:${region}:${account}:${resource}`;
  switch (type) {
    case "aws_lambda_function":
      return of("lambda", `function:${function_name}`);
    case "aws_cloudwatch_log_group":
      return of("logs", `log-group:${name}`);
    case "aws_secretsmanager_secret":
      return of("secretsmanager", `secret:${name}-AbCdEf`);
    case "aws_kms_key":
      return of("kms", "key/11111111-2222-3333-4444-555555555555");
    case "aws_sns_topic":
      return of("sns", "topic");
    default:
      throw new Error(`no ARN is known for ${type}.${id}`);
  }
};

/** The policies of the stacks, with what Terraform would put in place of references. */
const policiesIn = (where: Place): readonly string[] =>
  stacksIn(where).flatMap((stack) => {
    const resources = synthesize(stack).resource as Resources;
    const data: Record<string, string> = {
      aws_caller_identity: where.account,
      aws_region: where.region,
      aws_partition: where.partition.name,
    };
    return Object.values(resources.aws_iam_role_policy ?? {}).map(({ policy }) =>
      String(policy)
        .replace(/\$\{data\.(\w+)\.\w+\.\w+\}/g, (whole, type: string) => data[type] ?? whole)
        .replace(/\$\{data\.terraform_remote_state\.[\w.-]*aws_kms_key[\w]*arn\}/g, () =>
          arnIn(where, "aws_kms_key", "", resources),
        )
        .replace(/\$\{aws_kms_key\.\w+\.id\}/g, "11111111-2222-3333-4444-555555555555")
        .replace(/\$\{(\w+)\.(\w+)\.arn\}/g, (_, type: string, id: string) => arnIn(where, type, id, resources)),
    );
  });

const ARN = /^arn:(?<partition>[^:]+):(?<service>[^:]+):(?<region>[^:]*):(?<account>[^:]*):.+$/;

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === "string") return [value];
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(textsIn) : [];
};

const asRegExp = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`);

describe("in aws, aws-cn and aws-us-gov", () => {
  test("every ARN that a policy names is of the partition, the region and the account that it is deployed in", () => {
    fc.assert(
      fc.property(place, (where) => {
        const policies = policiesIn(where);
        const arns = policies
          .flatMap((policy) => textsIn(JSON.parse(policy)))
          .filter((text) => text.includes("arn:") || text.includes("${"));

        expect(policies.length).toBe(FUNCTION_NAMES.length + 1 + 2 * 4);
        expect(arns.length).toBeGreaterThan(40);
        for (const arn of arns)
          expect(ARN.exec(arn)?.groups, arn).toMatchObject({
            partition: where.partition.name,
            region: where.region,
            account: where.account,
          });
      }),
      { numRuns: 12 },
    );
  });

  test("every KMS key may be used through the services of that partition, and of its regions", () => {
    fc.assert(
      fc.property(place, (where) => {
        const conditions = policiesIn(where)
          .flatMap((policy) => JSON.parse(policy).Statement)
          .filter(({ Action }: { Action: string[] }) => Action.some((action) => action.startsWith("kms:")))
          .map(
            ({ Condition }: { Condition: { StringLike: { "kms:ViaService": string[] } } }) =>
              Condition.StringLike["kms:ViaService"],
          );

        expect(conditions.length).toBeGreaterThan(5);
        for (const patterns of conditions) {
          const [service] = patterns[0]?.split(".") ?? [];
          const endpoint = `${service}.${where.region}.${where.partition.domain}`;
          expect(
            patterns.some((pattern) => asRegExp(pattern).test(endpoint)),
            endpoint,
          ).toBe(true);
        }
      }),
      { numRuns: 12 },
    );
  });
});
