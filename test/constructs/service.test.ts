import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic/index.js";
import { describe, expect, test } from "vitest";
import { CORE_FUNCTION_NAMES, FUNCTION_NAMES } from "../../constructs/functions.ts";
import { ENVIRONMENT } from "../../lambdas/contracts/environment.ts";
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS, WITHOUT_ALARM } from "../../lambdas/contracts/metrics.ts";
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

const invokedBy = (policy: Attributes) =>
  (policyStatements(policy).InvokeFunctions?.Resource ?? []).map(
    (arn) => /_(rotate|manage|reconcile|distribute)_/.exec(arn)?.[1],
  );

const policyOf = (name: string): Record<string, PolicyStatement> => {
  const stack = newStack();
  const service = newService(stack);
  addWebKey(service, [webTarget(addCluster(service))]);
  return policyStatements(resourceOf(stack, "aws_iam_role_policy", `_${name}_`)[1]);
};

describe("functions", () => {
  test("a service has rotate, manage, inspect and reconcile, each with a role of its own", () => {
    const stack = newStack();
    newService(stack);

    const functions = Object.values(resourcesOf(stack, "aws_lambda_function"));

    expect(functions.map((one) => [one.function_name, one.timeout]).sort()).toEqual([
      ["keyturn-platform-prod-inspect", 120],
      ["keyturn-platform-prod-manage", 300],
      ["keyturn-platform-prod-reconcile", 300],
      ["keyturn-platform-prod-rotate", 300],
    ]);
    expect(new Set(functions.map((one) => one.role)).size).toBe(4);
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

    expect(configs).toHaveLength(4);
    for (const config of configs) expect(config).toMatchObject({ maximum_event_age_in_seconds: 3_600 });
    expect(configs.map((config) => config.maximum_retry_attempts).toSorted()).toEqual([0, 2, 2, 2]);
  });

  test("a pass of reconcile that failed is not repeated: the next one does what it could not", () => {
    const stack = newStack();
    newService(stack);

    const [, config] = resourceOf(stack, "aws_lambda_function_event_invoke_config", "_reconcile_");

    expect(config.maximum_retry_attempts).toBe(0);
  });

  test("failed events of manage and reconcile go to the alarms' topic, which alone are invoked and not waited for, and hold no token", () => {
    const stack = newStack();
    newService(stack, { alarmTopic: new SnsTopic(stack, "Topic") });

    const configs = Object.entries(resourcesOf(stack, "aws_lambda_function_event_invoke_config"));
    const reporting = configs.filter(([, config]) => config.destination_config).map(([address]) => address);

    expect(reporting).toHaveLength(2);
    expect(reporting.map((address) => /_(manage|reconcile)_/.exec(address)?.[1]).sort()).toEqual([
      "manage",
      "reconcile",
    ]);
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
    ["inspect", ["GetSecretValue"]],
    ["reconcile", ["GetSecretValue", "UpdateSecretVersionStage", "ListSecretVersionIds", "RotateSecret"]],
    ["distribute", ["GetSecretValue"]],
  ])("%s may do with the service's secrets what it does, and no more", (name, actions) => {
    expect(policyOf(name).OwnSecrets?.Action.toSorted()).toEqual(named(actions));
  });

  test.each(FUNCTION_NAMES)("%s reaches secrets by the service's prefix and its tag alone", (name) => {
    const statement = policyOf(name).OwnSecrets;

    expect(statement?.Resource).toHaveLength(1);
    expect(statement?.Resource[0]).toMatch(
      /^arn:\$\{.+\}:secretsmanager:\$\{.+\}:\$\{.+\}:secret:keyturn\/platform-prod\/\*$/,
    );
    expect(statement?.Condition).toEqual({
      StringEquals: { "secretsmanager:ResourceTag/keyturn:service": "platform-prod" },
    });
  });

  test.each(FUNCTION_NAMES)(
    "%s may describe secrets without their tag, which one that is gone does not have",
    (name) => {
      const { Condition, ...statement } = policyOf(name).DescribeSecrets ?? {};

      expect(statement).toMatchObject({
        Action: ["secretsmanager:DescribeSecret"],
        Resource: [expect.stringMatching(/:secret:keyturn\/platform-prod\/\*$/)],
      });
      expect(Condition).toBeUndefined();
    },
  );

  test.each(CORE_FUNCTION_NAMES)("%s may read the admin secrets, each by its full name", (name) => {
    const statement = policyOf(name).AdminSecrets;

    expect(statement?.Action).toEqual(["secretsmanager:GetSecretValue"]);
    expect(statement?.Resource.map((arn) => arn.replace(/.*:secret:/, ""))).toEqual(["keyturn/pictify-??????"]);
  });

  test("every function but distribute lists secrets", () => {
    for (const name of ["rotate", "manage", "inspect", "reconcile"])
      expect(policyOf(name).ListSecrets).toMatchObject({ Action: ["secretsmanager:ListSecrets"], Resource: ["*"] });
    const stack = newStack();
    const service = newService(stack);
    addWebKey(service, [webTarget(addCluster(service))]);
    expect(JSON.stringify(resourceOf(stack, "aws_iam_role_policy", "_distribute_")[1])).not.toContain("ListSecrets");
  });

  test("without targets rotate and inspect invoke nothing, manage rotate, reconcile rotate and manage", () => {
    const stack = newStack();
    newService(stack);
    const invoked = (name: string) => invokedBy(resourceOf(stack, "aws_iam_role_policy", `_${name}_`)[1]);

    expect(invoked("rotate")).toEqual([]);
    expect(invoked("inspect")).toEqual([]);
    expect(invoked("manage")).toEqual(["rotate"]);
    expect(invoked("reconcile")).toEqual(["rotate", "manage"]);
  });

  test("a function writes to its own log alone", () => {
    expect(policyOf("manage").WriteLog?.Resource).toEqual([
      expect.stringMatching(/log_group\.\w+_manage_\w+\.arn\}:\*$/),
    ]);
  });

  test("with a target all who promote or watch a version invoke distribute, which invokes nothing", () => {
    const stack = newStack();
    const service = newService(stack);
    addWebKey(service, [webTarget(addCluster(service))]);
    const invoked = (name: string) => invokedBy(resourceOf(stack, "aws_iam_role_policy", `_${name}_`)[1]);

    expect(invoked("rotate")).toEqual(["distribute"]);
    expect(invoked("inspect")).toEqual([]);
    expect(invoked("manage")).toEqual(["rotate", "distribute"]);
    expect(invoked("reconcile")).toEqual(["rotate", "manage", "distribute"]);
    expect(invoked("distribute")).toEqual([]);
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

describe("who may plan, and who may deploy", () => {
  const grants = () => {
    const stack = newStack();
    const service = newService(stack);
    service.grantPlan({ name: "ci-plan" });
    service.grantPlan({ name: "ci-plan" });
    service.grantDeploy({ name: "ci-deploy" });
    const policies = Object.entries(resourcesOf(stack, "aws_iam_role_policy"));
    return policies.filter(([, { role }]) => role.startsWith("ci-")).map(([, policy]) => policy);
  };

  test("who plans may invoke inspect, and nothing else", () => {
    const [policy, ...more] = grants().filter(({ role }) => role === "ci-plan");

    expect(more).toEqual([]);
    expect(Object.values(policyStatements(policy ?? {}))).toEqual([
      {
        Sid: "InvokeFunctions",
        Effect: "Allow",
        Action: ["lambda:InvokeFunction"],
        Resource: [expect.stringContaining("_inspect_")],
      },
    ]);
  });

  test("who deploys may invoke inspect and manage", () => {
    const [policy] = grants().filter(({ role }) => role === "ci-deploy");

    expect(policyStatements(policy ?? {}).InvokeFunctions?.Resource).toEqual([
      expect.stringContaining("_inspect_"),
      expect.stringContaining("_manage_"),
    ]);
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
    const service = newService(stack, {
      alarmTopic: { arn: "arn:aws:sns:eu-central-1:123456789012:oncall" },
      ...props,
    });
    addWebKey(service, [webTarget(addCluster(service))]);
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

    const without: readonly string[] = WITHOUT_ALARM.map((name) => METRICS[name]);
    const watched = Object.values(METRICS).filter((metric) => !without.includes(metric));
    expect(ours.map((alarm) => alarm.metric_name).sort()).toEqual(watched.sort());
    for (const alarm of ours) expect(alarm.dimensions).toEqual({ [METRIC_DIMENSION]: "platform-prod" });
  });

  test("every function that fails or is killed raises an alarm", () => {
    const errors = Object.values(alarmsOf()).filter((alarm) => alarm.namespace === "AWS/Lambda");

    expect(errors.map((alarm) => [alarm.metric_name, Object.keys(alarm.dimensions)])).toEqual(
      FUNCTION_NAMES.map(() => ["Errors", ["FunctionName"]]),
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
