import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy/index.js";
import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias/index.js";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key/index.js";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic/index.js";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue/index.js";
import { App, type TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { FUNCTION_NAMES } from "../../constructs/functions.ts";
import type { KeyRotationServiceProps, SurroundingsProps } from "../../constructs/index.ts";
import {
  type Attributes,
  addCluster,
  addWebKey,
  newService,
  newStack,
  reference,
  resourceOf,
  resourcesOf,
  webTarget,
} from "./declare.ts";

type Props = Partial<KeyRotationServiceProps> | ((stack: TerraformStack) => Partial<KeyRotationServiceProps>);

/** A stack with a service that has all five functions. */
const stackWith = (props: Props): TerraformStack => {
  const stack = newStack();
  const service = newService(stack, typeof props === "function" ? props(stack) : props);
  addWebKey(service, [webTarget(addCluster(service))]);
  return stack;
};

const all = (stack: TerraformStack, type: string): readonly Attributes[] => Object.values(resourcesOf(stack, type));

const statementOf = (stack: TerraformStack, role: string, sid: string) =>
  JSON.parse(resourceOf(stack, "aws_iam_role_policy", `_${role}_`)[1].policy).Statement.find(
    ({ Sid }: { Sid: string }) => Sid === sid,
  );

const refusal = (props: Partial<SurroundingsProps>): string => {
  try {
    newService(newStack(), props);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : "unknown";
  }
};

const synthProblem = (props: Props): string => {
  try {
    App.of(stackWith(props)).synth();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : "unknown";
  }
};

const KEY = { arn: "arn:aws:kms:eu-central-1:123456789012:key/one" };

describe("what an account asks of roles", () => {
  test("every role has the boundary and the path, the schedule's included", () => {
    const stack = stackWith((scope) => ({
      permissionsBoundary: new IamPolicy(scope, "Boundary", { policy: "{}" }),
      rolePath: "/platform/",
    }));

    const roles = all(stack, "aws_iam_role");

    expect(roles).toHaveLength(FUNCTION_NAMES.length + 1);
    for (const role of roles)
      expect(role).toMatchObject({
        path: "/platform/",
        permissions_boundary: reference("aws_iam_policy.Boundary", "arn"),
      });
  });

  test("without them a role says nothing of either", () => {
    for (const role of all(stackWith({}), "aws_iam_role")) {
      expect(role.path).toBeUndefined();
      expect(role.permissions_boundary).toBeUndefined();
    }
  });

  test.each(["platform", "/platform", "platform/", ""])("the path %j is refused", (rolePath) => {
    expect(refusal({ rolePath })).toContain("rolePath must be");
  });
});

describe("what an account asks of functions", () => {
  const functions = (props: Props) => all(stackWith(props), "aws_lambda_function");

  test("each has the runtime that is asked for", () => {
    expect(new Set(functions({ runtime: "nodejs24.x" }).map(({ runtime }) => runtime))).toEqual(
      new Set(["nodejs24.x"]),
    );
  });

  test.each(["nodejs20.x", "python3.12", "nodejs", ""])("the runtime %j is refused", (runtime) => {
    expect(refusal({ runtime })).toContain("runtime must be one of Lambda's for Node.js 22 or newer");
  });

  test("each is traced, and may write its traces", () => {
    const stack = stackWith({ tracing: "Active" });

    for (const one of all(stack, "aws_lambda_function")) expect(one.tracing_config).toEqual({ mode: "Active" });
    for (const name of FUNCTION_NAMES)
      expect(statementOf(stack, name, "Trace")).toMatchObject({
        Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
        Resource: ["*"],
      });
  });

  test("one that is not traced has no right to write traces", () => {
    expect(statementOf(stackWith({ tracing: "PassThrough" }), "rotate", "Trace")).toBeUndefined();
  });

  test("each has the tags, and what AWS would refuse is refused", () => {
    for (const { tags } of functions({ functionTags: { team: "platform" } }))
      expect(tags).toEqual({ team: "platform" });
    expect(refusal({ functionTags: { "aws:team": "x" } })).toContain("aws: tags are AWS's own");
    expect(refusal({ functionTags: { team: "a\nb" } })).toContain("AWS takes letters, digits, spaces");
  });

  test("each runs in the network where all are to, with the rights that Lambda needs for it", () => {
    const stack = stackWith({ vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"], functions: "all" } });

    for (const one of all(stack, "aws_lambda_function"))
      expect(one.vpc_config).toEqual({ subnet_ids: ["subnet-1"], security_group_ids: ["sg-1"] });
    for (const name of FUNCTION_NAMES)
      expect(statementOf(stack, name, "NetworkInterfaces").Action).toContain("ec2:CreateNetworkInterface");
  });

  test("each goes by the proxy, those that know others by name too", () => {
    const proxy = { httpsProxy: "http://proxy.acme.example:3128", noProxy: [".amazonaws.com", "10.0.0.1"] };
    const variables = functions({ proxy }).map(({ environment }) => environment.variables);

    expect(variables).toHaveLength(FUNCTION_NAMES.length);
    for (const one of variables)
      expect(one).toMatchObject({
        HTTPS_PROXY: "http://proxy.acme.example:3128",
        NO_PROXY: ".amazonaws.com,10.0.0.1",
        NODE_USE_ENV_PROXY: "1",
      });
    expect(variables.filter((one) => "KEYTURN_DISTRIBUTE_FUNCTION" in one)).toHaveLength(3);
  });

  test.each([
    ["http://user:hidden@proxy.example", "must have no user and password"],
    ["socks5://proxy.example", "must be a URL of http or https"],
    ["proxy.example:3128", "must be a URL of http or https"],
  ])("the proxy %s is refused, and its password is not shown", (httpsProxy, reason) => {
    expect(refusal({ proxy: { httpsProxy } })).toContain(reason);
    expect(refusal({ proxy: { httpsProxy } })).not.toContain("hidden");
  });

  test("a host with a comma or a space is refused", () => {
    const proxy = { httpsProxy: "http://proxy.example", noProxy: ["a.example,b.example"] };

    expect(refusal({ proxy })).toContain("proxy.noProxy must be a list of hosts");
  });
});

describe("encryption of one's own", () => {
  test("every log group has the key of the logs", () => {
    for (const group of all(stackWith({ logEncryptionKey: KEY }), "aws_cloudwatch_log_group"))
      expect(group.kms_key_id).toBe(KEY.arn);
  });

  test("the schedule has its key, and its role may read with it, through EventBridge Scheduler alone", () => {
    const stack = stackWith({ scheduleEncryptionKey: KEY });

    expect(resourceOf(stack, "aws_scheduler_schedule")[1].kms_key_arn).toBe(KEY.arn);
    expect(statementOf(stack, "Schedule", "ReadSchedule")).toMatchObject({
      Action: ["kms:Decrypt"],
      Resource: [KEY.arn],
      Condition: { StringLike: { "kms:ViaService": expect.arrayContaining(["scheduler.*.amazonaws.com"]) } },
    });
    expect(statementOf(stackWith({}), "Schedule", "ReadSchedule")).toBeUndefined();
  });

  test("a key that is given by its alias's construct is named itself, in the secret and in policies", () => {
    const stack = stackWith((scope) => ({
      encryptionKey: new KmsAlias(scope, "Alias", { name: "alias/keys", targetKeyId: new KmsKey(scope, "Kms").id }),
    }));
    const arn = reference("aws_kms_alias.Alias", "target_key_arn");

    expect(resourceOf(stack, "aws_secretsmanager_secret")[1].kms_key_id).toBe(arn);
    expect(statementOf(stack, "rotate", "UseEncryptionKeys").Resource).toEqual([arn]);
  });

  test.each(["encryptionKey", "logEncryptionKey", "scheduleEncryptionKey", "alarmTopicEncryptionKey"])(
    "%s by the ARN of an alias, or by an id, is refused, since policies know neither",
    (property) => {
      for (const arn of ["arn:aws:kms:eu-central-1:123456789012:alias/keys", "11111111-2222-3333-4444-555555555555"])
        expect(refusal({ [property]: { arn } })).toContain(`${property} must be a KMS key, by the ARN of the key`);
    },
  );
});

describe("where failures and alarms go", () => {
  const reporting = ["manage", "reconcile", "distribute"];
  const destinations = (stack: TerraformStack) =>
    all(stack, "aws_lambda_function_event_invoke_config").flatMap(
      ({ destination_config }) => destination_config?.on_failure.destination ?? [],
    );

  test("failed events go to a queue that is named, with the right to send there, and no other", () => {
    const stack = stackWith((scope) => ({
      alarmTopic: new SnsTopic(scope, "Topic"),
      failureDestination: { queue: new SqsQueue(scope, "Queue") },
    }));
    const arn = reference("aws_sqs_queue.Queue", "arn");

    expect(destinations(stack)).toEqual(reporting.map(() => arn));
    for (const name of reporting)
      expect(statementOf(stack, name, "ReportFailure")).toMatchObject({ Action: ["sqs:SendMessage"], Resource: [arn] });
    expect(statementOf(stack, "rotate", "ReportFailure")).toBeUndefined();
  });

  test("failed events go to another topic without any alarms", () => {
    const stack = stackWith((scope) => ({ failureDestination: { topic: new SnsTopic(scope, "Failures") } }));

    expect(destinations(stack)).toEqual(reporting.map(() => reference("aws_sns_topic.Failures", "arn")));
    expect(all(stack, "aws_cloudwatch_metric_alarm")).toEqual([]);
  });

  test.each([{}, { topic: KEY, queue: KEY }])("a destination that is not one of both is refused: %j", (destination) => {
    expect(refusal({ failureDestination: destination })).toContain("either a topic or a queue");
  });

  test.each([
    ["its ARN", "arn", /^\$\{aws_kms_key\.Kms\.arn\}$/],
    [
      "its id",
      "id",
      /^arn:\$\{data.+partition\}:kms:\$\{data.+\}:\$\{data.+account_id\}:key\/\$\{aws_kms_key\.Kms\.id\}$/,
    ],
    ["its key id", "keyId", /:key\/\$\{aws_kms_key\.Kms\.key_id\}$/],
  ] as const)("a topic that is encrypted by a key, by %s, gives the functions the key's use", (_, property, arn) => {
    const stack = stackWith((scope) => ({
      alarmTopic: new SnsTopic(scope, "Topic", { kmsMasterKeyId: new KmsKey(scope, "Kms")[property] }),
    }));

    for (const name of reporting)
      expect(statementOf(stack, name, "EncryptFailure")).toMatchObject({
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: [expect.stringMatching(arn)],
        Condition: { StringLike: { "kms:ViaService": expect.arrayContaining(["sns.*.amazonaws.com"]) } },
      });
    expect(statementOf(stack, "rotate", "EncryptFailure")).toBeUndefined();
    expect(statementOf(stack, "inspect", "EncryptFailure")).toBeUndefined();
  });

  test("a topic by its ARN alone gives the key's use where the key is named", () => {
    const alarmTopic = { arn: "arn:aws:sns:eu-central-1:123456789012:oncall" };

    expect(statementOf(stackWith({ alarmTopic }), "manage", "EncryptFailure")).toBeUndefined();
    expect(
      statementOf(stackWith({ alarmTopic, alarmTopicEncryptionKey: KEY }), "manage", "EncryptFailure").Resource,
    ).toEqual([KEY.arn]);
  });

  test("a queue with a key gives its use through SQS", () => {
    const stack = stackWith((scope) => ({
      failureDestination: { queue: new SqsQueue(scope, "Queue", { kmsMasterKeyId: new KmsKey(scope, "Kms").arn }) },
    }));

    expect(statementOf(stack, "manage", "EncryptFailure")).toMatchObject({
      Resource: [reference("aws_kms_key.Kms", "arn")],
      Condition: { StringLike: { "kms:ViaService": expect.arrayContaining(["sqs.*.amazonaws.com"]) } },
    });
  });

  test("a topic that is encrypted by an alias asks for the key, and takes it", () => {
    const byAlias = (scope: TerraformStack) => ({
      alarmTopic: new SnsTopic(scope, "Topic", { kmsMasterKeyId: "alias/alarms" }),
    });

    expect(synthProblem(byAlias)).toContain(
      "alarmTopic is encrypted by the alias alias/alarms, and a policy must name the key itself: give it as alarmTopicEncryptionKey",
    );
    expect(synthProblem((scope) => ({ ...byAlias(scope), alarmTopicEncryptionKey: KEY }))).toBe("");
  });

  test("a topic with AWS's own key is refused, since no alarm would arrive", () => {
    expect(
      synthProblem((scope) => ({ alarmTopic: new SnsTopic(scope, "Topic", { kmsMasterKeyId: "alias/aws/sns" }) })),
    ).toContain("by which CloudWatch cannot send, so that no alarm would arrive");
  });
});
