import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { grantsOf } from "../../lambdas/contracts/grants.ts";
import { type ApiKeysConfiguration, apiKeysStack } from "../../stacks/api-keys.ts";
import { productionConfiguration } from "../../stacks/production-configuration.ts";
import { sandboxConfiguration } from "../../stacks/sandbox-configuration.ts";
import { grantsFile, newApp, resourcesOf, sharedBundles, synthesize } from "../constructs/declare.ts";
import { SANDBOX_ENVIRONMENT } from "./environment.ts";

const stackOf = (configuration: ApiKeysConfiguration): TerraformStack =>
  apiKeysStack(newApp(), { ...configuration, service: { ...configuration.service, bundles: sharedBundles() } });

const sandbox = (environment: Record<string, string> = {}): TerraformStack =>
  stackOf(sandboxConfiguration({ ...SANDBOX_ENVIRONMENT, ...environment }));

/** Secret, name, and role or type of every key of a stack. */
const declaredKeys = (stack: TerraformStack) =>
  Object.values(resourcesOf(stack, "aws_secretsmanager_secret"))
    .map(({ name, tags }) => [name, tags["keyturn:name"], tags["keyturn:role"] ?? tags["keyturn:type"]])
    .sort();

describe("the sandbox stack", () => {
  test("declares four keys", () => {
    expect(declaredKeys(sandbox())).toEqual([
      ["keyturn/sandbox/sandbox-ci", "sandbox-ci", "test"],
      ["keyturn/sandbox/sandbox-report", "sandbox-report", "viewer"],
      ["keyturn/sandbox/sandbox-training", "sandbox-training", "member"],
      ["keyturn/sandbox/sandbox-webapp", "sandbox-webapp", "live"],
    ]);
  });

  test("declares another name, role and type where the environment has them, in the same secrets", () => {
    const changed = sandbox({
      KEYTURN_WEBAPP_NAME: "sandbox-website",
      KEYTURN_TRAINING_ROLE: "viewer",
      KEYTURN_CI_TYPE: "live",
    });

    expect(declaredKeys(changed)).toEqual([
      ["keyturn/sandbox/sandbox-ci", "sandbox-ci", "live"],
      ["keyturn/sandbox/sandbox-report", "sandbox-report", "viewer"],
      ["keyturn/sandbox/sandbox-training", "sandbox-training", "viewer"],
      ["keyturn/sandbox/sandbox-webapp", "sandbox-website", "live"],
    ]);
  });

  test("refuses a role that the vendor does not know, and names the key and the roles", () => {
    expect(() => sandbox({ KEYTURN_TRAINING_ROLE: "boss" })).toThrow(/Training.*viewer.*boss/s);
  });

  test("declares one more key where a cluster is named, with a target whose way fits into its overlap", () => {
    const stack = sandbox({ KEYTURN_CLUSTER_NAMESPACE: "web" });

    expect(declaredKeys(stack)).toContainEqual(["keyturn/sandbox/sandbox-worker", "sandbox-worker", "live"]);
    const [worker] = Object.values(resourcesOf(stack, "aws_secretsmanager_secret")).filter(
      ({ tags }) => tags["keyturn:name"] === "sandbox-worker",
    );
    expect(worker?.tags).toMatchObject({
      "keyturn:overlap": "PT2M15S",
      "keyturn:target:web": "kubernetes/demo/web/pictify-credentials/api-key",
      "keyturn:restart:web": "deployment/pictify-worker",
    });
    expect(grantsOf(grantsFile(stack, "sandbox")).clusters).toMatchObject({
      demo: { access: { kubeconfigSecret: "clusters/demo" } },
    });
  });

  test("takes the vendors from the environment, with short delays", () => {
    const { connections, reconcileInterval } = grantsOf(grantsFile(sandbox(), "sandbox"));

    expect(reconcileInterval).toBe(60_000);
    expect(connections.pictograph).toMatchObject({
      baseUrl: SANDBOX_ENVIRONMENT.PICTOGRAPH_URL,
      organizationId: SANDBOX_ENVIRONMENT.PICTOGRAPH_ORGANIZATION_ID,
      propagation: 3_000,
      reportingDelay: 5_000,
      skew: 1_000,
    });
    expect(connections.pictify).toMatchObject({ baseUrl: SANDBOX_ENVIRONMENT.PICTIFY_URL, propagation: 3_000 });
  });

  test("takes other delays where the environment has them", () => {
    const stack = sandbox({ PICTIFY_REPORTING_DELAY: "PT5M", PICTIFY_PROPAGATION: "PT30S", KEYTURN_OVERLAP: "PT1M" });

    const { connections } = grantsOf(grantsFile(stack, "sandbox"));
    const [secret] = Object.values(resourcesOf(stack, "aws_secretsmanager_secret"));

    expect(connections.pictify).toMatchObject({ reportingDelay: 300_000, propagation: 30_000 });
    expect(connections.pictograph).toMatchObject({ reportingDelay: 5_000 });
    expect(secret?.tags["keyturn:overlap"]).toBe("PT1M");
  });

  test.each(Object.keys(SANDBOX_ENVIRONMENT))("says what to do when %s is not set", (name) => {
    expect(() => sandboxConfiguration({ ...SANDBOX_ENVIRONMENT, [name]: undefined })).toThrow(
      `${name} is not set; "npm run sandbox" writes it`,
    );
  });

  test("frees the names of its secrets when it is destroyed", () => {
    for (const { recovery_window_in_days } of Object.values(resourcesOf(sandbox(), "aws_secretsmanager_secret")))
      expect(recovery_window_in_days).toBe(0);
  });
});

describe("both stacks", () => {
  test.each([
    ["sandbox", sandboxConfiguration(SANDBOX_ENVIRONMENT)],
    ["production", productionConfiguration],
  ])("%s names no endpoint, an own backend with a relative path, and the versions of its provider", (name, given) => {
    const { provider, terraform } = synthesize(stackOf(given)) as Record<string, Record<string, unknown>>;

    expect(JSON.stringify(provider)).not.toContain("endpoint");
    expect(terraform).toMatchObject({
      backend: { local: { path: `terraform.${name}.tfstate` } },
      required_providers: { aws: { version: ">= 5.100.0, < 7.0.0" } },
    });
  });

  test("have the same kinds of resources: they differ in configuration alone", () => {
    const kinds = (stack: TerraformStack) => Object.keys(synthesize(stack).resource ?? {}).sort();

    expect(kinds(sandbox())).toEqual(kinds(stackOf(productionConfiguration)));
  });

  test("production keeps every delay at its safe default", () => {
    const { connections, strays } = grantsOf(grantsFile(stackOf(productionConfiguration), "platform-prod"));

    expect(connections.pictify).toMatchObject({ propagation: 30_000, reportingDelay: 300_000, skew: 300_000 });
    expect(strays).toBe("report");
  });
});

test("a target in a cluster that is not declared is an error that names the clusters", () => {
  const configuration = sandboxConfiguration({ ...SANDBOX_ENVIRONMENT, KEYTURN_CLUSTER_NAMESPACE: "web" });
  const { Worker } = configuration.pictifyKeys;
  const targets = Worker?.targets?.map((target) => ({ ...target, cluster: "Elsewhere" })) ?? [];
  const misspelt = { ...configuration, pictifyKeys: { Worker: { name: "a", type: "live", targets } } } as const;

  expect(() => stackOf(misspelt)).toThrow('there is no cluster "Elsewhere", only Demo');
});

test("the cdktf CLI synthesizes the sandbox stack, reports no crash to anybody, and downloads nothing", () => {
  const file = JSON.parse(readFileSync(join(import.meta.dirname, "../../cdktf.json"), "utf8"));

  expect(file).toMatchObject({
    language: "typescript",
    app: "node --import tsx stacks/sandbox.ts",
    sendCrashReports: "false",
    terraformProviders: [],
    terraformModules: [],
  });
});
