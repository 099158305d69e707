import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic/index.js";
import { describe, expect, test } from "vitest";
import { ENVIRONMENT } from "../../lambdas/contracts/environment.ts";
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS } from "../../lambdas/contracts/metrics.ts";
import { type Attributes, addPictify, newService, newStack, reference, resourceOf, resourcesOf } from "./declare.ts";

interface PolicyStatement {
  readonly Sid: string;
  readonly Action: string[];
  readonly Resource: string[];
  readonly Condition?: Record<string, Record<string, string>>;
}

const policyStatements = (attributes: Attributes): Record<string, PolicyStatement> => {
  const statements = JSON.parse(attributes.policy).Statement as PolicyStatement[];
  return Object.fromEntries(statements.map((statement) => [statement.Sid, statement]));
};

const policyOf = (name: string): Record<string, PolicyStatement> => {
  const stack = newStack();
  addPictify(newService(stack));
  return policyStatements(resourceOf(stack, "aws_iam_role_policy", `_${name}_`)[1]);
};

describe("functions", () => {
  test("a service has rotate, manage and reconcile, each with a role of its own", () => {
    const stack = newStack();
    newService(stack);

    const functions = Object.values(resourcesOf(stack, "aws_lambda_function"));

    expect(functions.map((one) => [one.function_name, one.timeout]).sort()).toEqual([
      ["keyturn-platform-prod-manage", 300],
      ["keyturn-platform-prod-reconcile", 300],
      ["keyturn-platform-prod-rotate", 120],
    ]);
    expect(new Set(functions.map((one) => one.role)).size).toBe(3);
    for (const one of functions)
      expect(one).toMatchObject({
        runtime: "nodejs22.x",
        handler: "index.handler",
        memory_size: 256,
        architectures: ["x86_64"],
      });
  });

  test("a function is made after its log group and its policy", () => {
    const stack = newStack();
    newService(stack, { logRetentionDays: 30 });

    const [logGroup, { name, retention_in_days }] = resourceOf(stack, "aws_cloudwatch_log_group", "_rotate_");
    const [policy] = resourceOf(stack, "aws_iam_role_policy", "_rotate_");
    const [, rotate] = resourceOf(stack, "aws_lambda_function", "_rotate_");

    expect(rotate.depends_on).toEqual(expect.arrayContaining([logGroup, policy]));
    expect(name).toBe("/aws/lambda/keyturn-platform-prod-rotate");
    expect(retention_in_days).toBe(30);
  });

  test("reconcile knows manage by name, and only reconcile does", () => {
    const stack = newStack();
    newService(stack);
    const [manage] = resourceOf(stack, "aws_lambda_function", "_manage_");

    const { environment } = resourceOf(stack, "aws_lambda_function", "_reconcile_")[1];

    expect(environment.variables).toEqual({ [ENVIRONMENT.manageFunction]: reference(manage, "function_name") });
    expect(resourceOf(stack, "aws_lambda_function", "_rotate_")[1].environment).toBeUndefined();
  });

  test("retries of asynchronous invocations are bounded", () => {
    const stack = newStack();
    newService(stack);

    const configs = Object.values(resourcesOf(stack, "aws_lambda_function_event_invoke_config"));

    expect(configs).toHaveLength(3);
    for (const config of configs)
      expect(config).toMatchObject({ maximum_retry_attempts: 2, maximum_event_age_in_seconds: 3_600 });
  });

  test("failed events of manage and reconcile go to the alarms' topic, those of rotate never, for they may hold a token", () => {
    const stack = newStack();
    newService(stack, { alarmTopic: new SnsTopic(stack, "Topic") });

    const configs = Object.entries(resourcesOf(stack, "aws_lambda_function_event_invoke_config"));
    const reporting = configs.filter(([, config]) => config.destination_config).map(([address]) => address);

    expect(reporting).toHaveLength(2);
    expect(reporting.some((address) => address.includes("_rotate_"))).toBe(false);
    expect(configs.find(([, config]) => config.destination_config)?.[1].destination_config.on_failure.destination).toBe(
      reference("aws_sns_topic.Topic", "arn"),
    );
  });

  test("concurrency is reserved where it is asked for, and not otherwise", () => {
    const [plain, reserved] = [newStack(), newStack()];
    newService(plain);
    newService(reserved, { reservedConcurrency: 2, architecture: "arm64" });

    const of = (stack: typeof plain) => resourceOf(stack, "aws_lambda_function", "_rotate_")[1];

    expect(of(plain).reserved_concurrent_executions).toBeUndefined();
    expect(of(reserved)).toMatchObject({ reserved_concurrent_executions: 2, architectures: ["arm64"] });
  });
});

describe("permissions", () => {
  const own = ["GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"];
  const named = (actions: readonly string[]) => actions.map((action) => `secretsmanager:${action}`).sort();

  test.each([
    ["rotate", own],
    ["manage", [...own, "ListSecretVersionIds", "RotateSecret", "CancelRotateSecret"]],
    ["reconcile", ["GetSecretValue", "UpdateSecretVersionStage", "RotateSecret"]],
  ])("%s may do with the service's secrets what it does, and no more", (name, actions) => {
    expect(policyOf(name).OwnSecrets?.Action.toSorted()).toEqual(named(actions));
  });

  test.each(["rotate", "manage", "reconcile"])(
    "%s reaches secrets by the service's prefix and its tag alone",
    (name) => {
      const statement = policyOf(name).OwnSecrets;

      expect(statement?.Resource).toHaveLength(1);
      expect(statement?.Resource[0]).toMatch(
        /^arn:\$\{.+\}:secretsmanager:\$\{.+\}:\$\{.+\}:secret:keyturn\/platform-prod\/\*$/,
      );
      expect(statement?.Condition).toEqual({
        StringEquals: { "secretsmanager:ResourceTag/keyturn:service": "platform-prod" },
      });
    },
  );

  test.each([
    ["rotate", /:secret:keyturn\/platform-prod\/\*$/],
    ["manage", /:secret:keyturn\/platform-prod\/\*$/],
    ["reconcile", /^\*$/],
  ])("%s may describe secrets without their tag, which one that is gone does not have", (name, resource) => {
    const { Condition, ...statement } = policyOf(name).DescribeSecrets ?? {};

    expect(statement).toMatchObject({
      Action: ["secretsmanager:DescribeSecret"],
      Resource: [expect.stringMatching(resource)],
    });
    expect(Condition).toBeUndefined();
  });

  test.each(["rotate", "manage", "reconcile"])("%s may read the admin secrets, each by its full name", (name) => {
    const statement = policyOf(name).AdminSecrets;

    expect(statement?.Action).toEqual(["secretsmanager:GetSecretValue"]);
    expect(statement?.Resource.map((arn) => arn.replace(/.*:secret:/, ""))).toEqual(["keyturn/pictify-??????"]);
  });

  test("only reconcile lists secrets", () => {
    expect(policyOf("reconcile").ListSecrets).toMatchObject({
      Action: ["secretsmanager:ListSecrets"],
      Resource: ["*"],
    });
    expect(policyOf("rotate").ListSecrets).toBeUndefined();
    expect(policyOf("manage").ListSecrets).toBeUndefined();
  });

  test("rotate invokes nothing, manage rotate, reconcile both", () => {
    const invoked = (name: string) =>
      (policyOf(name).InvokeFunctions?.Resource ?? []).map((arn) => /_(rotate|manage|reconcile)_/.exec(arn)?.[1]);

    expect(invoked("rotate")).toEqual([]);
    expect(invoked("manage")).toEqual(["rotate"]);
    expect(invoked("reconcile")).toEqual(["rotate", "manage"]);
  });

  test("a function writes to its own log alone", () => {
    expect(policyOf("manage").WriteLog?.Resource).toEqual([
      expect.stringMatching(/log_group\.\w+_manage_\w+\.arn\}:\*$/),
    ]);
  });

  test("a service without vendors names no admin secret, not even an empty list", () => {
    const stack = newStack();
    newService(stack);

    expect(policyStatements(resourceOf(stack, "aws_iam_role_policy", "_rotate_")[1]).AdminSecrets).toBeUndefined();
  });

  test("Secrets Manager may invoke rotate for this account alone", () => {
    const stack = newStack();
    newService(stack);

    const [, permission] = resourceOf(stack, "aws_lambda_permission");

    expect(permission).toMatchObject({ principal: "secretsmanager.amazonaws.com", action: "lambda:InvokeFunction" });
    expect(permission.source_account).toMatch(/^\$\{data\.aws_caller_identity\..+\.account_id\}$/);
    expect(permission.function_name).toMatch(/_rotate_/);
  });
});

describe("schedule", () => {
  test.each([
    ["PT1M", "rate(1 minute)"],
    ["PT5M", "rate(5 minutes)"],
    ["PT2H", "rate(120 minutes)"],
  ])("a reconcile interval of %s is %s", (reconcileInterval, expression) => {
    const stack = newStack();
    newService(stack, { reconcileInterval });

    expect(resourceOf(stack, "aws_scheduler_schedule")[1].schedule_expression).toBe(expression);
  });

  test("the schedule starts reconcile, with a role that may do nothing else", () => {
    const stack = newStack();
    newService(stack);
    const [reconcile] = resourceOf(stack, "aws_lambda_function", "_reconcile_");

    const [, schedule] = resourceOf(stack, "aws_scheduler_schedule");
    const [, policy] = resourceOf(stack, "aws_iam_role_policy", "Schedule");

    expect(schedule.target).toMatchObject({ arn: reference(reconcile, "arn"), input: "{}" });
    expect(Object.values(policyStatements(policy))).toMatchObject([
      { Action: ["lambda:InvokeFunction"], Resource: [reference(reconcile, "arn")] },
    ]);
  });

  test("a deploy does not start a schedule that a person has disabled", () => {
    const stack = newStack();
    newService(stack);

    expect(resourceOf(stack, "aws_scheduler_schedule")[1].lifecycle.ignore_changes).toEqual(["state"]);
  });
});

describe("alarms", () => {
  const alarmsOf = (props = {}): Record<string, Attributes> => {
    const stack = newStack();
    newService(stack, { alarmTopic: { arn: "arn:aws:sns:eu-central-1:123456789012:oncall" }, ...props });
    return Object.fromEntries(
      Object.values(resourcesOf(stack, "aws_cloudwatch_metric_alarm")).map((alarm) => [alarm.alarm_name, alarm]),
    );
  };

  test("without a topic there are none", () => {
    const stack = newStack();
    newService(stack);

    expect(resourcesOf(stack, "aws_cloudwatch_metric_alarm")).toEqual({});
  });

  test("every metric of the contract has an alarm, with the dimension that the handlers write", () => {
    const ours = Object.values(alarmsOf()).filter((alarm) => alarm.namespace === METRIC_NAMESPACE);

    expect(ours.map((alarm) => alarm.metric_name).sort()).toEqual(Object.values(METRICS).sort());
    for (const alarm of ours) expect(alarm.dimensions).toEqual({ [METRIC_DIMENSION]: "platform-prod" });
  });

  test("every function that fails or is killed raises an alarm", () => {
    const errors = Object.values(alarmsOf()).filter((alarm) => alarm.namespace === "AWS/Lambda");

    expect(errors.map((alarm) => [alarm.metric_name, Object.keys(alarm.dimensions)])).toEqual(
      Array(3).fill(["Errors", ["FunctionName"]]),
    );
  });

  test("all go to the given topic", () => {
    for (const alarm of Object.values(alarmsOf()))
      expect(alarm.alarm_actions).toEqual(["arn:aws:sns:eu-central-1:123456789012:oncall"]);
  });

  test("a reconcile that says nothing for three intervals is an alarm, and nothing else is by silence", () => {
    const alarms = alarmsOf({ reconcileInterval: "PT10M" });

    expect(alarms["keyturn-platform-prod-reconcile-silent"]).toMatchObject({
      comparison_operator: "LessThanThreshold",
      threshold: 1,
      period: 600,
      evaluation_periods: 3,
      treat_missing_data: "breaching",
    });
    const breaching = Object.values(alarms).filter((alarm) => alarm.treat_missing_data === "breaching");
    expect(breaching).toHaveLength(1);
  });

  test("the service gives its metrics for alarms of one's own", () => {
    expect(newService(newStack()).metric(METRICS.straysHeld)).toEqual({
      namespace: "Keyturn",
      metricName: "StraysHeld",
      dimensions: { Service: "platform-prod" },
    });
  });
});
