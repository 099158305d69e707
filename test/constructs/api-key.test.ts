import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key/index.js";
import type { TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { PictifyApiKey, PictographApiKey } from "../../constructs/index.ts";
import { declarationOf } from "../../lambdas/contracts/declaration.ts";
import { manageEvent, manageRequestOf } from "../../lambdas/contracts/manage.ts";
import { METRICS } from "../../lambdas/contracts/metrics.ts";
import { read } from "../../lambdas/contracts/read.ts";
import {
  addPictify,
  addPictograph,
  dependenciesOf,
  newService,
  newStack,
  reference,
  resourceOf,
  resourcesOf,
  synthesize,
} from "./declare.ts";

const newKey = (stack: TerraformStack, props = {}): PictifyApiKey =>
  new PictifyApiKey(stack, "WebApp", {
    vendor: addPictify(newService(stack)),
    name: "prod-webapp",
    type: "live",
    ...props,
  });

const newRole = (stack: TerraformStack, id = "AppRole"): IamRole =>
  new IamRole(stack, id, { name: id, assumeRolePolicy: "{}" });

describe("a declared key", () => {
  test("is a secret whose tags say what was declared, with the defaults", () => {
    const stack = newStack();
    newKey(stack);

    const [, secret] = resourceOf(stack, "aws_secretsmanager_secret");

    expect(secret.name).toBe("keyturn/platform-prod/prod-webapp");
    expect(declarationOf(secret.tags, secret.name)).toEqual({
      service: "platform-prod",
      connection: "pictify",
      name: "prod-webapp",
      access: { kind: "type", value: "live" },
      overlapMs: 24 * 3_600_000,
      quietMs: 3_600_000,
      deadlineMs: 14 * 24 * 3_600_000,
      onDeadline: "report",
    });
  });

  test("carries a Pictograph role, and the name that its connection was given", () => {
    const stack = newStack();
    const vendor = addPictograph(newService(stack), { connection: "research" });
    new PictographApiKey(stack, "Training", { vendor, name: "training", role: "member" });

    const { tags } = resourceOf(stack, "aws_secretsmanager_secret")[1];

    expect(tags).toMatchObject({ "keyturn:vendor": "research", "keyturn:role": "member" });
    expect(tags).not.toHaveProperty("keyturn:type");
  });

  test("carries the delays that it was given, and tags of the user's own", () => {
    const stack = newStack();
    newKey(stack, { overlap: "PT30S", quiet: "PT5S", deadline: "P1D", onDeadline: "revoke", tags: { team: "web" } });

    expect(resourceOf(stack, "aws_secretsmanager_secret")[1].tags).toMatchObject({
      "keyturn:overlap": "PT30S",
      "keyturn:quiet": "PT5S",
      "keyturn:deadline": "PT24H",
      "keyturn:on-deadline": "revoke",
      team: "web",
    });
  });

  test("never puts a value into Terraform's state", () => {
    const stack = newStack();
    newKey(stack);

    const { resource } = synthesize(stack);

    expect(Object.keys(resource ?? {}).filter((type) => type.includes("secret_version"))).toEqual([]);
    expect(JSON.stringify(resource)).not.toContain("secret_string");
  });

  test("has its first generation made by manage, which gets an event it understands", () => {
    const stack = newStack();
    newKey(stack);
    const [secret] = resourceOf(stack, "aws_secretsmanager_secret");

    const [, invocation] = resourceOf(stack, "aws_lambda_invocation");
    const event = { ...JSON.parse(invocation.input), tf: { action: "delete", prev_input: {} } };

    expect(invocation.lifecycle_scope).toBe("CRUD");
    expect(manageRequestOf(read(manageEvent, event, "the event"))).toEqual({
      action: "delete",
      secretId: reference(secret, "arn"),
      force: false,
    });
  });

  test("asks manage to revoke what is in use only where it says so", () => {
    const stack = newStack();
    newKey(stack, { forceDestroy: true });

    expect(JSON.parse(resourceOf(stack, "aws_lambda_invocation")[1].input)).toMatchObject({ force: true });
  });

  test("has manage called again when what is declared changes", () => {
    const input = (props: object) => {
      const stack = newStack();
      newKey(stack, props);
      return resourceOf(stack, "aws_lambda_invocation")[1].input;
    };

    expect(input({ type: "test" })).not.toBe(input({ type: "live" }));
    expect(input({ overlap: "PT2H" })).not.toBe(input({}));
    expect(input({ description: "another" })).toBe(input({}));
  });

  test("rotates every 90 days, and not because its schedule changed", () => {
    const stack = newStack();
    newKey(stack);

    expect(resourceOf(stack, "aws_secretsmanager_secret_rotation")[1]).toMatchObject({
      rotate_immediately: false,
      rotation_rules: { automatically_after_days: 90 },
    });
  });

  test("is scheduled after its first generation, and made after all that manage needs", () => {
    const stack = newStack();
    newKey(stack);
    const [permission] = resourceOf(stack, "aws_lambda_permission");
    const [manage] = resourceOf(stack, "aws_lambda_function", "_manage_");

    const [generation, invocation] = resourceOf(stack, "aws_lambda_invocation");
    const [, rotation] = resourceOf(stack, "aws_secretsmanager_secret_rotation");

    expect(invocation.depends_on).toEqual(expect.arrayContaining([permission, manage]));
    expect(rotation.depends_on).toEqual(expect.arrayContaining([permission, generation]));
  });

  test("is destroyed in order: the rotation, the generations by manage with all its rights, the secret, the rest", () => {
    const stack = newStack();
    newKey(stack);
    const address = (type: string, part = "") => resourceOf(stack, type, part)[0];
    const generation = address("aws_lambda_invocation");

    const goesAfterRotation = dependenciesOf(stack, address("aws_secretsmanager_secret_rotation"));
    const goesAfterGeneration = dependenciesOf(stack, generation);

    expect(goesAfterRotation).toContain(generation);
    for (const needed of [
      address("aws_secretsmanager_secret"),
      address("aws_lambda_permission"),
      address("aws_lambda_function", "_manage_"),
      address("aws_lambda_function", "_rotate_"),
      address("aws_iam_role", "_manage_"),
      address("aws_iam_role_policy", "_manage_"),
      address("aws_cloudwatch_log_group", "_manage_"),
    ])
      expect(goesAfterGeneration).toContain(needed);
  });

  test("is encrypted with its own key or the service's, which the functions may use", () => {
    const stack = newStack();
    const service = newService(stack, { encryptionKey: new KmsKey(stack, "ServiceKey") });
    const vendor = addPictify(service);
    new PictifyApiKey(stack, "A", { vendor, name: "a", type: "live" });
    new PictifyApiKey(stack, "B", { vendor, name: "b", type: "live", encryptionKey: { arn: "arn:own" } });

    const keys = Object.values(resourcesOf(stack, "aws_secretsmanager_secret")).map((secret) => secret.kms_key_id);
    const policy = JSON.parse(resourceOf(stack, "aws_iam_role_policy", "_rotate_")[1].policy);
    const arns = [reference("aws_kms_key.ServiceKey", "arn"), "arn:own"];
    expect(keys).toEqual(arns);
    expect(policy.Statement).toContainEqual(
      expect.objectContaining({ Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: arns }),
    );
  });
});

describe("grantRead", () => {
  const readPolicies = (stack: TerraformStack) =>
    Object.entries(resourcesOf(stack, "aws_iam_role_policy")).filter(([address]) => address.includes("Read-"));

  test("lets a role read this secret, and nothing else", () => {
    const stack = newStack();
    newKey(stack).grantRead(newRole(stack));
    const [secret] = resourceOf(stack, "aws_secretsmanager_secret");

    const [[, policy] = []] = readPolicies(stack);
    expect(policy?.role).toBe(reference("aws_iam_role.AppRole", "name"));
    expect(JSON.parse(policy?.policy).Statement).toEqual([
      {
        Sid: "ReadSecret",
        Effect: "Allow",
        Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
        Resource: [reference(secret, "arn")],
      },
    ]);
  });

  test("adds the right to decrypt where the secret has a key of the user's", () => {
    const stack = newStack();
    newKey(stack, { encryptionKey: { arn: "arn:own" } }).grantRead(newRole(stack));

    const [[, policy] = []] = readPolicies(stack);

    expect(JSON.parse(policy?.policy).Statement).toContainEqual(
      expect.objectContaining({ Action: ["kms:Decrypt"], Resource: ["arn:own"] }),
    );
  });

  test("can be repeated, and given to several roles, by construct or by name", () => {
    const stack = newStack();
    const key = newKey(stack);
    const role = newRole(stack);

    key.grantRead(role);
    key.grantRead(role);
    key.grantRead({ name: "somebody-elses" });

    expect(readPolicies(stack)).toHaveLength(2);
  });

  test("refuses what is no role, and a name that only a deploy knows", () => {
    const stack = newStack();
    const key = newKey(stack);
    const { name } = newRole(stack);

    expect(() => key.grantRead({ name: "" })).toThrow("grantRead needs a role");
    expect(() => key.grantRead({ name })).toThrow("as a literal");
  });
});

describe("fromSecretName", () => {
  const secretName = "keyturn/platform-prod/prod-webapp";

  test("gives a key that another stack declares: name, ARN, grants and metrics", () => {
    const stack = newStack();
    const key = PictifyApiKey.fromSecretName(stack, "WebApp", secretName);
    key.grantRead(newRole(stack));

    const [address, data] = Object.entries(resourcesOf(stack, "aws_secretsmanager_secret", "data"))[0] ?? [];
    const [, policy] = resourceOf(stack, "aws_iam_role_policy");

    expect(key.secretName).toBe(secretName);
    expect(data).toMatchObject({ name: secretName });
    expect(JSON.parse(policy.policy).Statement[0].Resource).toEqual([reference(`data.${address}`, "arn")]);
    expect(key.metric(METRICS.rotationFailed).dimensions).toEqual({ Service: "platform-prod" });
  });

  test("makes nothing of its own", () => {
    const stack = newStack();
    PictographApiKey.fromSecretName(stack, "Training", secretName);

    expect(Object.keys(synthesize(stack).resource ?? {})).toEqual([]);
  });

  test.each([
    "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keyturn/a/b-AbCdEf",
    "keyturn/a",
    "other/a/b",
    "",
  ])("refuses %j, which is no managed key's", (name) => {
    expect(() => PictifyApiKey.fromSecretName(newStack(), "WebApp", name)).toThrow("stack/WebApp: secretName must be");
  });
});
