import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key/index.js";
import { TerraformOutput, type TerraformStack, Testing } from "cdktf";
import { describe, expect, test } from "vitest";
import { PictifyApiKey, PictographApiKey } from "../../constructs/index.ts";
import { declarationOf } from "../../lambdas/contracts/declaration.ts";
import { METRICS } from "../../lambdas/contracts/metrics.ts";
import { goDurationMs } from "../../provider/key/go-duration.ts";
import {
  addPictify,
  addPictograph,
  dependenciesOf,
  grantsFile,
  newService,
  newStack,
  reference,
  resourceOf,
  resourcesOf,
  synthesize,
} from "./declare.ts";

const OWN_KEY = "arn:aws:kms:eu-central-1:123456789012:key/own";
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

  test("is a keyturn_api_key with the same declaration as the secret's tags, and the secret", () => {
    const stack = newStack();
    newKey(stack);
    const [secret] = resourceOf(stack, "aws_secretsmanager_secret");

    expect(resourceOf(stack, "keyturn_api_key")[1]).toMatchObject({
      provider: "keyturn.service-platform-prod",
      secret_id: reference(secret, "arn"),
      name: "prod-webapp",
      vendor: "pictify",
      type: "live",
    });
  });

  test("says nothing of what it was not given, so that the provider's defaults hold", () => {
    const stack = newStack();
    newKey(stack);

    const [, key] = resourceOf(stack, "keyturn_api_key");

    for (const name of ["role", "force_destroy", "adopt_key_id", "timeouts"]) expect(key).not.toHaveProperty(name);
  });

  test("is destroyed although it is in use only where it says so", () => {
    const stack = newStack();
    newKey(stack, { forceDestroy: true });

    expect(resourceOf(stack, "keyturn_api_key")[1]).toMatchObject({ force_destroy: true });
  });

  test("takes over a key that was made by hand, by the id that it was given", () => {
    const stack = newStack();
    newKey(stack, { adoptKeyId: "key_made_by_hand" });

    expect(resourceOf(stack, "keyturn_api_key")[1]).toMatchObject({ adopt_key_id: "key_made_by_hand" });
  });

  test("waits as long as it was told, in Terraform's form of a duration", () => {
    const stack = newStack();
    newKey(stack, { timeouts: { create: "PT1H30M", delete: "PT45S" } });

    const { timeouts } = resourceOf(stack, "keyturn_api_key")[1];

    expect(timeouts).toEqual({ create: "5400s", delete: "45s" });
    expect(goDurationMs(timeouts.create)).toBe(90 * 60_000);
  });

  test("is made anew before the old one is revoked, where its vendor or its secret changes", () => {
    const stack = newStack();
    newKey(stack);

    expect(resourceOf(stack, "keyturn_api_key")[1].lifecycle).toEqual({ create_before_destroy: true });
  });

  test("gives the facts of the key as attributes, for outputs and other resources", () => {
    const stack = newStack();
    const key = newKey(stack);
    new TerraformOutput(stack, "KeyId", { value: key.resource.keyId });
    const [address] = resourceOf(stack, "keyturn_api_key");

    expect(synthesize(stack).output?.KeyId?.value).toBe(reference(address, "key_id"));
  });

  test("can take over a secret and a key that are there, as Terraform's import blocks", () => {
    const stack = newStack();
    const key = newKey(stack);
    key.secret.importFrom("arn:secret");
    key.resource.importFrom("arn:secret");
    const [secret] = resourceOf(stack, "aws_secretsmanager_secret");
    const [address] = resourceOf(stack, "keyturn_api_key");

    expect(JSON.parse(Testing.synth(stack)).import).toEqual([
      { to: secret, id: "arn:secret" },
      { to: address, id: "arn:secret" },
    ]);
  });

  test("rotates every 90 days where nothing is spread, and not because its schedule changed", () => {
    const stack = newStack();
    newKey(stack, { spreadDays: 0 });

    expect(resourceOf(stack, "aws_secretsmanager_secret_rotation")[1]).toMatchObject({
      rotate_immediately: false,
      rotation_rules: { automatically_after_days: 90 },
    });
  });

  test("is scheduled after it is there, and made after all that looks after keys", () => {
    const stack = newStack();
    newKey(stack);
    const [permission] = resourceOf(stack, "aws_lambda_permission");
    const functions = ["_inspect_", "_manage_"].map((part) => resourceOf(stack, "aws_lambda_function", part)[0]);
    const [schedule] = resourceOf(stack, "aws_scheduler_schedule");

    const [address, key] = resourceOf(stack, "keyturn_api_key");
    const [, rotation] = resourceOf(stack, "aws_secretsmanager_secret_rotation");

    expect(key.depends_on.toSorted()).toEqual([permission, ...functions, schedule].toSorted());
    expect(rotation.depends_on).toEqual(expect.arrayContaining([permission, address]));
  });

  test("is destroyed in order: the rotation, the key by functions with all their rights, the secret, the rest", () => {
    const stack = newStack();
    newKey(stack);
    const address = (type: string, part = "") => resourceOf(stack, type, part)[0];
    const key = address("keyturn_api_key");

    const goesAfterRotation = dependenciesOf(stack, address("aws_secretsmanager_secret_rotation"));
    const goesAfterKey = dependenciesOf(stack, key);

    expect(goesAfterRotation).toContain(key);
    for (const needed of [
      address("aws_secretsmanager_secret"),
      address("aws_lambda_permission"),
      ...["_manage_", "_inspect_", "_rotate_", "_reconcile_"].map((part) => address("aws_lambda_function", part)),
      address("aws_scheduler_schedule"),
      address("aws_iam_role", "_manage_"),
      address("aws_iam_role_policy", "_manage_"),
      address("aws_cloudwatch_log_group", "_manage_"),
    ])
      expect(goesAfterKey).toContain(needed);
  });

  test("is encrypted with its own key or the service's, which the functions may use", () => {
    const stack = newStack();
    const service = newService(stack, { encryptionKey: new KmsKey(stack, "ServiceKey") });
    const vendor = addPictify(service);
    new PictifyApiKey(stack, "A", { vendor, name: "a", type: "live" });
    new PictifyApiKey(stack, "B", { vendor, name: "b", type: "live", encryptionKey: { arn: OWN_KEY } });

    const keys = Object.values(resourcesOf(stack, "aws_secretsmanager_secret")).map((secret) => secret.kms_key_id);
    const policy = JSON.parse(resourceOf(stack, "aws_iam_role_policy", "_rotate_")[1].policy);
    const arns = [reference("aws_kms_key.ServiceKey", "arn"), OWN_KEY];
    expect(keys).toEqual(arns);
    expect(policy.Statement).toContainEqual(
      expect.objectContaining({ Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: arns }),
    );
  });
});

describe("a key with a secret's name of its own", () => {
  const secretName = "keyturn/platform-prod/prod-webapp";
  const newRenamedKey = (stack: TerraformStack) => newKey(stack, { name: "web-shop", secretName });

  test("is renamed and keeps its secret, so that its readers notice nothing", () => {
    const stack = newStack();
    const key = newRenamedKey(stack);
    const [, secret] = resourceOf(stack, "aws_secretsmanager_secret");

    expect(key.secretName).toBe(secretName);
    expect(secret.name).toBe(secretName);
    expect(secret.tags).toMatchObject({ "keyturn:name": "web-shop" });
    expect(resourceOf(stack, "keyturn_api_key")[1]).toMatchObject({ name: "web-shop" });
  });

  test("has readers with the same policy as before", () => {
    const policyOf = (declare: (stack: TerraformStack) => PictifyApiKey) => {
      const stack = newStack();
      declare(stack).grantRead({ name: "app" });
      return resourceOf(stack, "aws_iam_role_policy", "Read-");
    };

    expect(policyOf(newRenamedKey)).toEqual(policyOf(newKey));
  });

  test("is served with its name and its secret, and no other", () => {
    const stack = newStack();
    newRenamedKey(stack);

    expect(grantsFile(stack).connections.pictify?.serves).toEqual([
      { secret: secretName, name: "web-shop", type: "live" },
    ]);
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
    newKey(stack, { encryptionKey: { arn: OWN_KEY } }).grantRead(newRole(stack));

    const [[, policy] = []] = readPolicies(stack);

    expect(JSON.parse(policy?.policy).Statement).toContainEqual(
      expect.objectContaining({ Action: ["kms:Decrypt"], Resource: [OWN_KEY] }),
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
