import { expect, test } from "vitest";
import * as z from "zod";
import { grantsOf } from "../../lambdas/contracts/grants.ts";
import { secretValueOf, secretValueText } from "../../lambdas/contracts/secret-value.ts";
import { blocksIn } from "./pages.ts";

const oneOrMore = z.union([z.string(), z.array(z.string())]);
const policy = z.strictObject({
  Version: z.literal("2012-10-17"),
  Statement: z.array(
    z.strictObject({
      Sid: z.string().regex(/^[A-Za-z0-9]+$/),
      Effect: z.enum(["Allow", "Deny"]),
      Action: z.array(z.string().regex(/^[a-z0-9]+:[A-Z]\w+$/)),
      Resource: oneOrMore,
      Condition: z.record(z.string(), z.record(z.string(), oneOrMore)).optional(),
    }),
  ),
});

const JSONS = blocksIn("json").map(({ page, code }) => ({ page, value: JSON.parse(code) as Record<string, unknown> }));
const POLICIES = JSONS.filter(({ value }) => "Statement" in value).map(({ value }) => policy.parse(value));

const statementOf = (sid: string) => {
  const found = POLICIES.flatMap(({ Statement }) => Statement).find(({ Sid }) => Sid === sid);
  if (!found) throw new Error(`no policy has the statement ${sid}`);
  return found;
};

const matches = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(text);

const listOf = (value: string | readonly string[] = []): readonly string[] =>
  typeof value === "string" ? [value] : value;

/** What `TF_LOG=DEBUG npm run demo -- --deploy` was seen to call, as actions of IAM; GetCallerIdentity needs no right. */
const CALLED = {
  secretsmanager: "CancelRotateSecret CreateSecret DeleteSecret DescribeSecret GetResourcePolicy RotateSecret",
  lambda:
    "AddPermission CreateFunction DeleteFunction DeleteFunctionEventInvokeConfig GetFunction GetFunctionCodeSigningConfig " +
    "GetFunctionEventInvokeConfig GetPolicy InvokeFunction ListVersionsByFunction PutFunctionEventInvokeConfig RemovePermission",
  iam:
    "CreateRole DeleteRole DeleteRolePolicy GetRole GetRolePolicy ListAttachedRolePolicies ListInstanceProfilesForRole " +
    "ListRolePolicies PassRole PutRolePolicy",
  logs: "CreateLogGroup DeleteLogGroup DescribeLogGroups ListTagsForResource PutRetentionPolicy",
  scheduler: "CreateSchedule DeleteSchedule GetSchedule",
  cloudwatch: "DeleteAlarms DescribeAlarms ListTagsForResource PutMetricAlarm",
  sns: "CreateTopic DeleteTopic GetTopicAttributes ListTagsForResource SetTopicAttributes",
};

test("the deploying role may call all that a deploy and a destroy were seen to call", () => {
  const allowed = POLICIES.flatMap(({ Statement }) => Statement)
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap(({ Action }) => Action);
  const called = Object.entries(CALLED).flatMap(([service, names]) =>
    names.split(" ").map((name) => `${service}:${name}`),
  );
  expect(called.filter((action) => !allowed.includes(action))).toEqual([]);
});

test("the deploying role invokes the two functions that Terraform asks, and no other", () => {
  const service = "arn:aws:lambda:*:123456789012:function:keyturn-platform-prod-";
  expect(listOf(statementOf("Keys").Resource)).toEqual([`${service}inspect`, `${service}manage`]);
  const invoking = POLICIES.flatMap(({ Statement }) => Statement).filter(({ Action }) =>
    Action.includes("lambda:InvokeFunction"),
  );
  expect(invoking.map(({ Sid }) => Sid).sort()).toEqual(["Keys", "PlanKeys"]);
});

test("the role that plans asks inspect alone, and changes nothing", () => {
  const reading =
    /^(secretsmanager:(Describe|Get)|lambda:(Get|List)|iam:(Get|List)|logs:(Describe|List)|\w+:(Get|Describe|List))/;
  expect(statementOf("PlanKeys").Resource).toMatch(/-inspect$/);
  expect(statementOf("PlanTheRest").Action.filter((action) => !reading.test(action))).toEqual([]);
});

test("the deploying role never reads a value", () => {
  const actions = POLICIES.flatMap(({ Statement }) => Statement).flatMap(({ Action }) => Action);
  expect(actions).not.toContain("secretsmanager:GetSecretValue");
  expect(actions.filter((action) => action.includes("*"))).toEqual([]);
});

test("nobody but the deploying role sets or takes off keyturn: tags, and everybody other tags", () => {
  const { Effect, Action, Condition = {} } = statementOf("OnlyTheDeployingRoleDeclaresKeys");
  const denies = (principal: string, action: string, tagKeys: readonly string[]): boolean => {
    const patterns = listOf(Condition["ForAnyValue:StringLike"]?.["aws:TagKeys"]);
    const excepted = listOf(Condition.ArnNotLike?.["aws:PrincipalArn"]);
    const tagged = tagKeys.some((key) => patterns.some((pattern) => matches(pattern, key)));
    return Action.includes(action) && tagged && !excepted.some((pattern) => matches(pattern, principal));
  };
  const deployer = "arn:aws:iam::123456789012:role/deploy-keys";
  const other = "arn:aws:iam::123456789012:role/somebody";
  expect(Effect).toBe("Deny");
  for (const action of ["CreateSecret", "TagResource", "UntagResource"].map((name) => `secretsmanager:${name}`)) {
    expect(denies(other, action, ["team", "keyturn:service"])).toBe(true);
    expect(denies(other, action, ["team"])).toBe(false);
    expect(denies(deployer, action, ["keyturn:service"])).toBe(false);
  }
});

test("the value of a version is read as one of ours, and written with the same fields", () => {
  const values = JSONS.filter(({ value }) => "apiKey" in value).map(({ value }) => value);
  expect(values).toHaveLength(1);
  for (const value of values) {
    const read = secretValueOf(JSON.stringify(value), "the example");
    expect(JSON.parse(secretValueText(read))).toEqual(value);
  }
});

test("the grant is one that the functions read", () => {
  const grants = JSONS.filter(({ value }) => "secret" in value).map(({ value }) => value);
  expect(grants).toHaveLength(1);
  const connection = {
    vendor: "pictify",
    adminSecret: "keyturn/pictify",
    baseUrl: "https://api.pictify.io",
    plan: "pro",
    propagation: "PT30S",
    reportingDelay: "PT5M",
    skew: "PT5M",
    serves: grants,
  };
  const rest = { mintTimeout: "PT5M", reconcileInterval: "PT5M", strayAge: "PT24H", stuckAge: "PT6H" };
  const file = { service: "platform-prod", ...rest, strays: "report", maxStrayRevocations: 5 };
  expect(grantsOf({ ...file, connections: { pictify: connection } }).connections.pictify?.serves).toEqual(grants);
});
