import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FUNCTION_NAMES } from "../../constructs/functions.ts";
import { declarationTags } from "../../lambdas/contracts/declaration.ts";
import { MEASUREMENTS, METRIC_NAMESPACE, METRICS } from "../../lambdas/contracts/metrics.ts";
import { NOT_GIVEN_BACK } from "../../sandbox/demo/planned-changes.ts";
import { LEFT_OUT, LEFT_OUT_PARAMETERS } from "../../sandbox/secrets-manager/left-out.ts";
import { addCluster, addWebKey, newService, newStack, resourcesOf, webTarget } from "../constructs/declare.ts";
import { declarationOfTest } from "../lambdas/stand.ts";
import { pageText, ROOT, rowIn, rowOf, sectionOf, source } from "./pages.ts";

const cellsOf = (row: string): readonly string[] =>
  row
    .split("|")
    .map((cell) => cell.trim())
    .filter((cell) => cell !== "");

/** The body of a type in a source, from its name to the line that closes it. */
const bodyOf = (path: string, start: string): string => {
  const text = source(path);
  const from = text.indexOf(start);
  if (from < 0) throw new Error(`${path} has no ${start}`);
  return text.slice(from, text.indexOf("\n}", from));
};

interface Property {
  readonly name: string;
  /** The first word of its `@default`, where that is a value. */
  readonly defaultValue: string | undefined;
}

const VALUE = /^(P[T\d]\w*|\d+|true|false|report|revoke|x86_64)\b/;

const propertiesOf = (path: string, type: string): readonly Property[] =>
  [...bodyOf(path, `interface ${type} `).matchAll(/\/\*\*([\s\S]*?)\*\/\s*readonly (\w+)\??:/g)].map(
    ([, comment = "", name = ""]) => {
      const [, said = ""] = /@default ([^\n]*)/.exec(comment) ?? [];
      return { name, defaultValue: VALUE.exec(said)?.[0] };
    },
  );

const PROPERTIES = [
  [
    "constructs/service-settings.ts",
    "KeyRotationServiceProps",
    "docs/service.md",
    "Properties of `KeyRotationService`",
  ],
  ["constructs/service-settings.ts", "TerraformProviderProps", "docs/service.md", "Properties of `terraformProvider`"],
  ["constructs/surroundings.ts", "SurroundingsProps", "docs/service.md", "Properties of `KeyRotationService`"],
  ["constructs/surroundings.ts", "VpcProps", "docs/service.md", "Properties of `vpc`"],
  ["constructs/surroundings.ts", "ProxyProps", "docs/service.md", "Properties of `proxy`"],
  ["constructs/surroundings.ts", "FailureDestination", "docs/service.md", "Properties of `failureDestination`"],
  ["constructs/cluster-settings.ts", "EksClusterProps", "docs/kubernetes.md", "Properties of `addCluster`"],
  ["constructs/cluster-settings.ts", "KubeconfigClusterProps", "docs/kubernetes.md", "Properties of `addCluster`"],
  ["constructs/cluster-settings.ts", "AnyClusterProps", "docs/kubernetes.md", "Properties of `addCluster`"],
  ["constructs/allowed-places.ts", "AllowedPlace", "docs/kubernetes.md", "Properties of `addCluster`"],
  ["constructs/kubernetes-target.ts", "KubernetesTargetProps", "docs/kubernetes.md", "Properties of a target"],
  ["constructs/kubernetes-target.ts", "ExternalSecretTargetProps", "docs/kubernetes.md", "Properties of a target"],
  ["constructs/vendor-settings.ts", "VendorConnectionProps", "docs/service.md", "Properties of `addVendor`"],
  ["constructs/key-settings.ts", "ApiKeyProps", "docs/keys.md", "Properties"],
  ["constructs/pictify-api-key.ts", "PictifyApiKeyProps", "docs/keys.md", "Properties"],
  ["constructs/pictograph-api-key.ts", "PictographApiKeyProps", "docs/keys.md", "Properties"],
  ["constructs/existing-api-key.ts", "ExistingApiKeyProps", "docs/keys.md", "Properties"],
] as const;

describe.each(PROPERTIES)("%s: %s", (path, type, page, heading) => {
  test("every property has a row, with its default", () => {
    const properties = propertiesOf(path, type);
    expect(properties.length).toBeGreaterThan(0);
    const missing = properties.filter(
      ({ name, defaultValue = "" }) => !rowIn(sectionOf(page, heading), name).includes(defaultValue || name),
    );
    expect(missing).toEqual([]);
  });
});

test("a property that is gone from the code is gone from the pages", () => {
  const known = PROPERTIES.flatMap(([path, type]) => propertiesOf(path, type).map(({ name }) => name));
  const tables = ["docs/service.md", "docs/keys.md", "docs/kubernetes.md"].flatMap((page) =>
    [...pageText(page).matchAll(/\| property \|.*\n\| .*\n((?:\|.*\n)+)/g)].map(([, rows = ""]) => rows),
  );
  const named = tables.flatMap((rows) => [...rows.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = ""]) => name));
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});

test.each([
  ["lambdas/errors.ts", "ErrorCode", "Keyturn's own"],
  ["lambdas/vendors/vendor-error.ts", "VendorErrorCode", "A vendor's"],
])("every error code of %s has a row that says what to do", (path, type, heading) => {
  const text = source(path);
  const from = text.indexOf(`export type ${type} =`);
  const union = text.slice(from, text.indexOf("\n\n", from));
  const codes = [...union.matchAll(/^ {2}\| "([A-Z_]+)"/gm)].map(([, code = ""]) => code);
  expect(codes.length).toBeGreaterThan(10);
  const incomplete = codes.filter((code) => cellsOf(rowIn(sectionOf("docs/errors.md", heading), code)).length !== 3);
  expect(incomplete).toEqual([]);
});

test("every metric and its namespace are named", () => {
  const text = pageText("docs/service.md");
  expect(text).toContain(`\`${METRIC_NAMESPACE}\``);
  expect(Object.values(METRICS).filter((metric) => !text.includes(`\`${metric}\``))).toEqual([]);
});

test("every measurement has a row with its unit, and every state of a key one", () => {
  const rows = Object.values(MEASUREMENTS).map(({ name, unit }) => [rowOf("docs/service.md", name), unit] as const);
  expect(rows.filter(([row, unit]) => !row.includes(`| ${unit} |`))).toEqual([]);
  const states = [
    ...bodyOf("lambdas/reconciliation/decide/finding.ts", "export type LifeState").matchAll(/^ {2}\| "([a-z-]+)"/gm),
  ];
  expect(states.length).toBeGreaterThan(5);
  // A key that is due is revoked in the same pass: its record is that.
  const told = states.map(([, state = ""]) => state).filter((state) => state !== "due");
  expect(told.filter((state) => rowOf("docs/service.md", state) === "")).toEqual([]);
});

test("every alarm is in the run-book", () => {
  const stack = newStack();
  const service = newService(stack, { alarmTopic: { arn: "arn:aws:sns:eu-central-1:123456789012:oncall" } });
  addWebKey(service, [webTarget(addCluster(service))]);
  const section = sectionOf("docs/run-book.md", "What each alarm means");
  const names = Object.values(resourcesOf(stack, "aws_cloudwatch_metric_alarm")).map(({ alarm_name }) =>
    alarm_name.replace("keyturn-platform-prod-", ""),
  );
  expect(names.filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
});

test("every alarm has a row with its metric, and no other alarm has", () => {
  const stack = newStack();
  const service = newService(stack, { alarmTopic: { arn: "arn:aws:sns:eu-central-1:123456789012:oncall" } });
  addWebKey(service, [webTarget(addCluster(service))]);
  const alarms = Object.values(resourcesOf(stack, "aws_cloudwatch_metric_alarm"));
  const named = alarms.map(({ alarm_name }) => alarm_name.replace("keyturn-platform-prod-", ""));
  for (const { alarm_name, metric_name } of alarms)
    expect(rowOf("docs/service.md", alarm_name.replace("keyturn-platform-prod-", ""))).toContain(`\`${metric_name}\``);
  const [, rows = ""] = /\| alarm \|.*\n\| .*\n((?:\|.*\n)+)/.exec(pageText("docs/service.md")) ?? [];
  expect([...rows.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name).sort()).toEqual(named.sort());
});

test("every permission of a function is in its row", () => {
  const stack = newStack();
  const vpc = { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] };
  const service = newService(stack, { alarmTopic: { arn: "arn:aws:sns:eu-central-1:123456789012:oncall" }, vpc });
  service.addCluster("Eks", { name: "eks", eksClusterName: "prod", region: "eu-central-1" });
  addWebKey(service, [webTarget(addCluster(service))]);
  const policies = Object.entries(resourcesOf(stack, "aws_iam_role_policy"));
  for (const name of FUNCTION_NAMES) {
    const [, { policy } = { policy: "{}" }] = policies.find(([address]) => address.includes(`_${name}_`)) ?? [];
    const { Statement = [] } = JSON.parse(policy) as { Statement?: { Action: string[] }[] };
    const row = rowOf("docs/service.md", name) + (name === "manage" ? rowOf("docs/service.md", "rotate") : "");
    const actions = Statement.flatMap(({ Action }) => Action);
    expect(actions.length).toBeGreaterThan(4);
    expect(actions.filter((action) => !row.includes(`\`${action}\``))).toEqual([]);
  }
});

test("every tag of a declaration has a row", () => {
  const tags = [
    ...Object.keys(declarationTags(declarationOfTest)),
    ...Object.keys(declarationTags({ ...declarationOfTest, access: { kind: "role", value: "member" } })),
  ];
  expect(tags.filter((tag) => rowOf("docs/keys.md", tag) === "")).toEqual([]);
});

test("every action of the log is named", () => {
  const files = readdirSync(join(ROOT, "lambdas"), { recursive: true, encoding: "utf8" });
  const text = files
    .filter((file) => file.endsWith(".ts"))
    .map((file) => source(`lambdas/${file}`))
    .join("\n");
  const actions = [...text.matchAll(/(?:log\.(?:event|failure)\(|action: )\s*"([a-z-]+\.[a-z-]+)"/g)].map(
    ([, name = ""]) => name,
  );
  expect(actions.length).toBeGreaterThan(15);
  expect(actions.filter((action) => !pageText("docs/service.md").includes(`\`${action}\``))).toEqual([]);
});

describe("what the sandbox leaves out is named:", () => {
  const text = pageText("docs/sandbox.md");

  test("everything of Secrets Manager, with what happens instead", () => {
    const rows = LEFT_OUT.map(({ what, instead }) => `| ${what} | ${instead} |`);
    expect(rows.filter((row) => !text.includes(row))).toEqual([]);
    const [, table = ""] = /\| left out \|.*\n\| .*\n((?:\|.*\n)+)/.exec(text) ?? [];
    expect(table.trim().split("\n")).toHaveLength(rows.length);
  });

  test("parameters of Secrets Manager", () => {
    const parameters = Object.values(LEFT_OUT_PARAMETERS).flat();
    expect(parameters.filter((name) => !text.includes(name))).toEqual([]);
  });

  test("attributes that the rest of AWS does not give back", () => {
    const attributes = Object.values(NOT_GIVEN_BACK).flatMap(Object.keys);
    expect(attributes.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});

test("every variable by which a person steers the sandbox is named", () => {
  const files = ["aws/python-interpreter", "terraform/locate", "terraform/provider-facts", "vendor-stand"];
  const text = files.map((file) => source(`sandbox/${file}.ts`)).join("\n");
  const variables = [...text.matchAll(/\b(KEYTURN_[A-Z_]+|PICT(?:IFY|OGRAPH)_[A-Z_]+)\b/g)].map(([name]) => name);
  expect(new Set(variables).size).toBeGreaterThan(6);
  expect([...new Set(variables)].filter((name) => !pageText("docs/sandbox.md").includes(name))).toEqual([]);
});
