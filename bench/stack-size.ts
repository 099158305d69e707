import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { AWS_LIMITS, type AwsLimit, type AwsLimitName } from "../constructs/aws-limits.ts";
import { policyCharacters } from "../constructs/policy-size.ts";
import { KEY_PROTOCOL, type KeyFacts } from "../lambdas/contracts/key-facts.ts";

/*
 * What a synthesized stack asks of AWS, by its JSON and the files beside it: the largest of each thing that AWS limits. What only a
 * deploy knows is counted as short as it can be.
 */
type Attributes = Readonly<Record<string, unknown>>;
type Resources = Readonly<Record<string, Readonly<Record<string, Attributes>>>>;

export interface Measure {
  readonly limit: AwsLimitName;
  readonly measured: number;
}

/** Of a measure, the part of AWS's limit that is used: 1 is all of it. */
export const share = ({ limit, measured }: Measure): number => measured / AWS_LIMITS[limit].most;

export const limitOf = ({ limit }: Measure): AwsLimit => AWS_LIMITS[limit];

const resourcesIn = (stackFolder: string): Resources =>
  (JSON.parse(readFileSync(join(stackFolder, "cdk.tf.json"), "utf8")) as { readonly resource: Resources }).resource;

const all = (resources: Resources, type: string): readonly Attributes[] => Object.values(resources[type] ?? {});

const text = (attributes: Attributes, name: string): string => {
  const value = attributes[name];
  return typeof value === "string" ? value : "";
};

const largest = (values: readonly number[]): number => Math.max(0, ...values);

const bytes = (value: string): number => Buffer.byteLength(value);

/** The sums of some things by what they belong to. */
const sums = (items: readonly Attributes[], owner: string, size: (item: Attributes) => number): readonly number[] => {
  const totals = new Map<string, number>();
  for (const item of items) totals.set(text(item, owner), (totals.get(text(item, owner)) ?? 0) + size(item));
  return [...totals.values()];
};

const tagsOf = (attributes: Attributes): readonly (readonly [string, string])[] =>
  Object.entries((attributes.tags ?? {}) as Readonly<Record<string, string>>);

const environmentBytes = (attributes: Attributes): number => {
  const { variables = {} } = (attributes.environment ?? {}) as {
    readonly variables?: Readonly<Record<string, string>>;
  };
  return Object.entries(variables).reduce((total, [name, value]) => total + bytes(name) + bytes(value), 0);
};

/** A permission's statement, as Lambda writes it into the function's policy. */
const permissionBytes = ({ action, function_name, principal, source_account }: Attributes): number =>
  bytes(
    JSON.stringify({
      Sid: "x".repeat(40),
      Effect: "Allow",
      Principal: { Service: principal },
      Action: action,
      Resource: `arn:aws:lambda:us-east-1:000000000000:function:${function_name}`,
      Condition: { StringEquals: { "AWS:SourceAccount": source_account } },
    }),
  );

/** A key's facts with everything in them, as long as a name of middle length makes them. */
const FACTS: KeyFacts = {
  secretArn: "arn:aws:secretsmanager:eu-central-1:000000000000:secret:keyturn/platform-prod/prod-webapp-00000-AbCdEf",
  secretName: "keyturn/platform-prod/prod-webapp-00000",
  name: "prod-webapp-00000",
  connection: "pictify",
  vendor: "pictify",
  type: "live",
  status: "current",
  keyId: "0b7f4cf5-0000-4000-8000-000000000001",
  keyPrefix: "pk_live_a1b2",
  versionId: "0b7f4cf5-0000-4000-8000-000000000002",
  createdAt: "2026-11-21T12:00:00.000Z",
  lastUsedAt: "2026-11-21T12:00:00.000Z",
  nextRotationAt: "2026-11-21T12:00:00.000Z",
  liveGenerations: 2,
  debt: [],
};

/** What `inspect` answers a plan for so many keys. */
export const planAnswerBytes = (keys: number): number =>
  bytes(JSON.stringify({ protocol: KEY_PROTOCOL.newest, keys: [] })) + keys * (bytes(JSON.stringify(FACTS)) + 1);

const zipBytes = (stackFolder: string): readonly number[] =>
  readdirSync(join(stackFolder, "assets"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".zip"))
    .map((path) => statSync(join(stackFolder, "assets", path)).size);

/** @param stackFolder a stack of one service, synthesized */
export const measureStack = (stackFolder: string): readonly Measure[] => {
  const resources = resourcesIn(stackFolder);
  const [roles, functions, secrets] = ["aws_iam_role", "aws_lambda_function", "aws_secretsmanager_secret"].map((type) =>
    all(resources, type),
  ) as [readonly Attributes[], readonly Attributes[], readonly Attributes[]];
  const tags = secrets.map(tagsOf);
  const lengths = (items: readonly Attributes[], name: string) => largest(items.map((one) => text(one, name).length));
  const policies = sums(all(resources, "aws_iam_role_policy"), "role", (one) => policyCharacters(text(one, "policy")));
  const permissions = sums(all(resources, "aws_lambda_permission"), "function_name", permissionBytes);
  const measured: Readonly<Record<AwsLimitName, number>> = {
    inlinePoliciesOfRole: largest(policies),
    trustPolicyOfRole: largest(roles.map((one) => policyCharacters(text(one, "assume_role_policy")))),
    roleName: largest(roles.map((one) => policyCharacters(text(one, "name")))),
    roles: roles.length,
    functionName: lengths(functions, "function_name"),
    environmentOfFunction: largest(functions.map(environmentBytes)),
    resourcePolicyOfFunction: largest(permissions),
    zipOfFunction: largest(zipBytes(stackFolder)),
    answerOfFunction: planAnswerBytes(secrets.length),
    secrets: secrets.length,
    secretName: lengths(secrets, "name"),
    tagsOfSecret: largest(tags.map((one) => one.length)),
    tagKey: largest(tags.flat().map(([key]) => key.length)),
    tagValue: largest(tags.flat().map(([, value]) => value.length)),
    schedules: all(resources, "aws_scheduler_schedule").length,
  };
  return (Object.keys(AWS_LIMITS) as AwsLimitName[]).map((limit) => ({ limit, measured: measured[limit] }));
};

/** How many resources of each type a stack has. */
export const resourceCounts = (stackFolder: string): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(resourcesIn(stackFolder)).map(([type, ones]) => [type, Object.keys(ones).length]));
