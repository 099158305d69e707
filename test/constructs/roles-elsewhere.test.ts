import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic/index.js";
import { App, LocalBackend, TerraformOutput, TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { PictifyApiKey } from "../../constructs/index.ts";
import { type Attributes, addPictify, newService, newStack, resourceOf, resourcesOf } from "./declare.ts";

const stackBeside = (one: TerraformStack, region: string | undefined = "eu-central-1"): TerraformStack => {
  const stack = new TerraformStack(App.of(one), "roles");
  new LocalBackend(stack, { path: "terraform.roles.tfstate" });
  new AwsProvider(stack, "Aws", region === undefined ? {} : { region });
  return stack;
};

const roleIn = (stack: TerraformStack, provider?: AwsProvider): IamRole =>
  new IamRole(stack, "Reader", { name: "reader", assumeRolePolicy: "{}", ...(provider ? { provider } : {}) });

const keyIn = (stack: TerraformStack, props: Parameters<typeof newService>[1] = {}) => {
  const service = newService(stack, props);
  const key = new PictifyApiKey(stack, "WebApp", { vendor: addPictify(service), name: "webapp", type: "live" });
  return { service, key };
};

const policiesIn = (stack: TerraformStack): readonly Attributes[] =>
  Object.values(resourcesOf(stack, "aws_iam_role_policy"));

const resourceNames = ({ policy }: Attributes): readonly string[] =>
  JSON.parse(policy).Statement.flatMap(({ Resource }: { Resource: string[] }) => Resource);

const synth = (stack: TerraformStack) => App.of(stack).synth();

describe("a role in another stack", () => {
  test("that itself uses the key makes no circle: its policy lies in its own stack", () => {
    const service = newStack();
    const roles = stackBeside(service);
    const { key } = keyIn(service);
    key.grantRead(roleIn(roles));
    new TerraformOutput(roles, "Secret", { value: key.secretArn });

    synth(service);

    expect(roles.dependencies).toEqual([service]);
    expect(service.dependencies).toEqual([]);
    expect(policiesIn(roles).map(({ name }) => name)).toEqual(["keyturn-read-platform-prod-webapp"]);
  });

  test("whose stack the service needs makes no circle either: its policy names the secret without a reference", () => {
    const service = newStack();
    const roles = stackBeside(service);
    const { key } = keyIn(service, { alarmTopic: new SnsTopic(roles, "Topic") });
    key.grantRead(roleIn(roles));

    synth(service);

    expect(service.dependencies).toEqual([roles]);
    expect(roles.dependencies).toEqual([]);
    expect(resourceNames(policiesIn(roles)[0] ?? {})).toEqual([
      expect.stringMatching(
        /^arn:\$\{data.+partition\}:secretsmanager:eu-central-1:\$\{data.+account_id\}:secret:keyturn\/platform-prod\/webapp-\?{6}$/,
      ),
    ]);
  });

  test("plans, deploys and reads a whole service the same way", () => {
    const service = newStack();
    const roles = stackBeside(service);
    const role = roleIn(roles);
    const { service: keyturn } = keyIn(service);
    keyturn.grantPlan(role);
    keyturn.grantDeploy(role);
    keyturn.grantRead(role);

    synth(service);

    const named = policiesIn(roles)
      .flatMap(resourceNames)
      .map((arn) => arn.replace(/.*:(function|secret):/, "$1:"));
    expect(roles.dependencies).toEqual([]);
    expect(named.toSorted()).toEqual([
      "function:keyturn-platform-prod-inspect",
      "function:keyturn-platform-prod-inspect",
      "function:keyturn-platform-prod-manage",
      "secret:keyturn/platform-prod/*",
    ]);
  });

  test("has a policy for each key, and one however often it is granted", () => {
    const service = newStack();
    const roles = stackBeside(service);
    const role = roleIn(roles);
    const { service: keyturn, key } = keyIn(service);
    const other = new PictifyApiKey(service, "Ci", {
      vendor: keyturn.addVendor("Other", {
        vendor: "pictify",
        adminSecretName: "keyturn/b",
        plan: "pro",
        connection: "b",
      }),
      name: "ci",
      type: "test",
    });
    for (const one of [key, key, other]) one.grantRead(role);

    expect(
      policiesIn(roles)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["keyturn-read-platform-prod-ci", "keyturn-read-platform-prod-webapp"]);
  });

  test("in a stack of another region gets the service's region", () => {
    const service = newStack();
    const roles = stackBeside(service, "us-east-1");
    keyIn(service).key.grantRead(roleIn(roles));

    expect(resourceNames(policiesIn(roles)[0] ?? {})[0]).toContain(":secretsmanager:eu-central-1:");
  });

  test("where the service's region is not known at synth, names the secret by reference", () => {
    const app = App.of(newStack());
    const service = new TerraformStack(app, "service");
    new LocalBackend(service, { path: "terraform.service.tfstate" });
    new AwsProvider(service, "Aws", {});
    const roles = stackBeside(service, "us-east-1");
    keyIn(service).key.grantRead(roleIn(roles));

    synth(service);

    expect(roles.dependencies).toEqual([service]);
  });

  test("counts towards what IAM takes of policies", () => {
    const service = newStack();
    const roles = stackBeside(service);
    const role = roleIn(roles);
    const keyturn = newService(service);
    const vendor = addPictify(keyturn, { plan: "enterprise" });
    for (let index = 0; index < 60; index++)
      new PictifyApiKey(service, `Key${index}`, { vendor, name: `key-${index}`, type: "live" }).grantRead(role);

    expect(() => synth(service)).toThrow("the role roles/Reader gets 60 policies by grantRead");
  });
});

test("a policy is made by the AWS provider that makes its role", () => {
  const stack = newStack();
  const other = new AwsProvider(stack, "Other", { alias: "other", region: "eu-central-1" });
  keyIn(stack).key.grantRead(roleIn(stack, other));

  expect(resourceOf(stack, "aws_iam_role_policy", "WebApp")[1].provider).toBe("aws.other");
});
