import { rmSync } from "node:fs";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { providerFolder } from "../../../constructs/functions.ts";
import { PLATFORMS } from "../../../provider/address.ts";
import { laidProvider } from "../../../provider/layout.ts";
import { EMPTY_PROVIDER, emptyBundles, fullSynth, newApp, newService, newStack, synthesize } from "../declare.ts";

const blocksOf = (stack: TerraformStack) => (synthesize(stack).provider as unknown as Record<string, object[]>).keyturn;

const stackWith = (aws: object): TerraformStack => {
  const stack = new TerraformStack(newApp(), "stack");
  new LocalBackend(stack, { path: "terraform.tfstate" });
  new AwsProvider(stack, "Aws", aws);
  return stack;
};

describe("the provider block of a service", () => {
  test("names the functions as they will be called, so that a plan knows them before they are there", () => {
    const stack = stackWith({});
    newService(stack);

    expect(blocksOf(stack)).toEqual([
      {
        alias: "service-platform-prod",
        inspect_function: "keyturn-platform-prod-inspect",
        manage_function: "keyturn-platform-prod-manage",
      },
    ]);
  });

  test("looks for them where the stack's AWS provider makes them, wherever that is declared", () => {
    const stack = new TerraformStack(newApp(), "stack");
    newService(stack);
    new AwsProvider(stack, "Other", { alias: "other", region: "us-west-2", profile: "other" });
    new AwsProvider(stack, "Aws", {
      region: "eu-central-1",
      profile: "deploy",
      endpoints: [{ s3: "http://127.0.0.1:1" }, { lambda: "http://127.0.0.1:2" }],
    });

    expect(blocksOf(stack)).toMatchObject([
      { region: "eu-central-1", profile: "deploy", endpoint_url: "http://127.0.0.1:2" },
    ]);
  });

  test("is told otherwise by the service's props", () => {
    const stack = stackWith({ region: "eu-central-1", profile: "deploy" });
    newService(stack, { terraformProvider: { profile: "keys", endpointUrl: "https://lambda.example" } });

    expect(blocksOf(stack)).toMatchObject([
      { region: "eu-central-1", profile: "keys", endpoint_url: "https://lambda.example" },
    ]);
  });

  test("is one for each service, and keeps its alias when another comes before it", () => {
    const aliases = (names: readonly string[]) => {
      const stack = newStack();
      for (const name of names) newService(stack, { name }, name);
      return (blocksOf(stack) as { alias: string }[]).map(({ alias }) => alias).sort();
    };

    expect(aliases(["prod"])).toEqual(["service-prod"]);
    expect(aliases(["1st", "prod"])).toEqual(["service-1st", "service-prod"]);
  });

  test("comes with the Terraform that the stack needs, unless the stack says otherwise", () => {
    const [silent, telling] = [newStack(), newStack()];
    newService(silent);
    telling.addOverride("terraform.required_version", "~> 1.12");
    newService(telling);
    const required = (stack: TerraformStack) =>
      (synthesize(stack) as unknown as { terraform: { required_version: string } }).terraform.required_version;

    expect([required(silent), required(telling)]).toEqual([">= 1.11", "~> 1.12"]);
  });

  const ROLE = {
    roleArn: "arn:aws:iam::123456789012:role/deploy",
    sessionName: "ci",
    externalId: "e1",
    duration: "1h",
  };
  const BLOCK = { role_arn: ROLE.roleArn, session_name: "ci", external_id: "e1", duration: "1h" };
  const roleIn = (stack: TerraformStack) => (blocksOf(stack) as { assume_role?: object }[])[0]?.assume_role;

  test("assumes the role that the stack's AWS provider assumes", () => {
    const stack = stackWith({ assumeRole: [ROLE] });
    newService(stack);

    expect(roleIn(stack)).toEqual(BLOCK);
    expect(() => App.of(stack).synth()).not.toThrow();
  });

  test("assumes another where the service's props say one, and none where they say something else", () => {
    const [another, none] = [stackWith({ assumeRole: [ROLE] }), stackWith({ assumeRole: [ROLE] })];
    const roleArn = "arn:aws:iam::123456789012:role/keys";
    newService(another, { terraformProvider: { assumeRole: { roleArn } } });
    newService(none, { terraformProvider: { profile: "deploy" } });

    expect([roleIn(another), roleIn(none)]).toEqual([{ role_arn: roleArn }, undefined]);
  });

  test.each([
    ["with a policy", { assumeRole: [{ ...ROLE, policy: "{}" }] }],
    ["in a chain", { assumeRole: [ROLE, ROLE] }],
    ["at an STS of its own", { assumeRole: [ROLE], endpoints: [{ sts: "http://127.0.0.1:1" }] }],
    ["with a web identity", { assumeRoleWithWebIdentity: [{ roleArn: ROLE.roleArn, webIdentityToken: "t" }] }],
  ])("is refused where the AWS provider assumes a role %s and nobody says how this one gets its rights", (_, aws) => {
    const [silent, told] = [stackWith(aws), stackWith(aws)];
    newService(silent);
    newService(told, { terraformProvider: {} });

    expect(() => App.of(silent).synth()).toThrow(/the stack's AWS provider assumes a role.*terraformProvider/s);
    expect(() => App.of(told).synth()).not.toThrow();
  });
});

describe("the provider beside the stack", () => {
  test("is laid there when the app is synthesized, for every platform", () => {
    const stack = newStack();
    newService(stack);

    const folder = fullSynth(stack);

    expect(PLATFORMS.length).toBeGreaterThan(3);
    expect(laidProvider(folder)).toEqual(EMPTY_PROVIDER);
  });

  test("is another when it was built anew, and the earlier one is gone", () => {
    const outdir = newApp().outdir;
    const synthesizeWith = (version: string): string => {
      const stack = new TerraformStack(new App({ outdir }), "stack");
      new LocalBackend(stack, { path: "terraform.tfstate" });
      new AwsProvider(stack, "Aws", {});
      newService(stack, { bundles: emptyBundles({ ...EMPTY_PROVIDER, version }) });
      return fullSynth(stack);
    };
    synthesizeWith("0.1.1");

    expect(laidProvider(synthesizeWith("0.1.2"))?.version).toBe("0.1.2");
  });

  test("that was not built is said, with what to do", () => {
    const bundles = emptyBundles();
    rmSync(providerFolder(bundles), { recursive: true });

    expect(() => newService(newStack(), { bundles })).toThrow(
      /the Terraform provider is missing .*run "npm run build"/,
    );
  });
});
