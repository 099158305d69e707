import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkDeployTools } from "../../sandbox/prerequisites.ts";
import { terraformEnvironment } from "../../sandbox/terraform/environment.ts";
import { temporaryFolder } from "../constructs/temporary-folder.ts";
import { ROOT } from "../docs/pages.ts";
import { describeUnlessMissing } from "../sandbox/describe-unless-missing.ts";
import { HclFolder } from "./hcl-folder.ts";
import { type ServiceOnLoopback, startService } from "./service-on-loopback.ts";

const stateFolder = temporaryFolder();
const EXAMPLES = readdirSync(join(ROOT, "examples", "hcl")).filter((name) => name !== "modules");

const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "exampleSecretAccessKey/of/these/tests",
  AWS_REGION: "us-east-1",
};

// The AWS provider takes seconds of a free machine for each of Terraform's commands.
vi.setConfig({ testTimeout: 240_000 });

describeUnlessMissing(await checkDeployTools({ stateFolder }), "the examples in HCL", () => {
  let service: ServiceOnLoopback;
  let opened: HclFolder[] = [];

  beforeEach(async () => {
    service = await startService();
  });

  afterEach(async () => {
    for (const folder of opened) folder.remove();
    opened = [];
    await service.close();
  });

  const open = async (example: string): Promise<HclFolder> => {
    const { env } = await terraformEnvironment({ stateFolder });
    const folder = await HclFolder.open(example, { ...env, ...CREDENTIALS, ...service.endpoints });
    opened.push(folder);
    return folder;
  };

  const openForSandbox = async (example: string): Promise<HclFolder> => {
    const folder = await open(example);
    folder.standIn();
    return folder;
  };

  const done = async (folder: HclFolder, ...args: readonly string[]): Promise<string> => {
    const { code, output } = await folder.run(...args);
    expect(code, output).toBe(0);
    return output;
  };

  /** A workload calls with a key, when it is so old that no call of Keyturn's own is left. */
  const called = async (secretName: string): Promise<void> => {
    const { apiKey, keyId } = await storedValue(secretName);
    const madeMs = Date.parse(activeKeys().find(({ id }) => id === keyId)?.createdAt ?? "");
    await expect.poll(() => Date.now()).toBeGreaterThan(madeMs + 2_000);
    const headers = { Authorization: `Bearer ${apiKey}` };
    await service.pictify.fetch(new Request("https://pictify.test/api-keys", { headers }));
  };

  const storedValue = async (secretName: string): Promise<{ apiKey: string; keyId: string }> => {
    const { SecretString } = await service.aws<{ SecretString: string }>("GetSecretValue", { SecretId: secretName });
    return JSON.parse(SecretString);
  };

  const activeKeys = () => service.pictify.keys().filter(({ active }) => active);

  test("all are formatted, and each is run below", async () => {
    const folder = await open("unmanaged-keys");
    const tests = readFileSync(import.meta.filename, "utf8");

    expect((await folder.run("fmt", "-check", "-diff", "-recursive", "..")).output).toBe("");
    expect(EXAMPLES.filter((example) => !tests.includes(`ForSandbox("${example}")`))).toEqual([]);
  });

  test("the whole example: secret, key and rotation, and then nothing to change", async () => {
    const folder = await openForSandbox("complete");

    await done(folder, "apply", "-auto-approve", "-no-color");

    const { keyId } = await storedValue("keyturn/platform-prod/web-shop");
    expect(await folder.output("key_id")).toBe(keyId);
    expect(await service.aws("DescribeSecret", { SecretId: "keyturn/platform-prod/web-shop" })).toMatchObject({
      RotationEnabled: true,
      RotationRules: { AutomaticallyAfterDays: 90 },
    });
    await done(folder, "plan", "-detailed-exitcode", "-no-color");
  });

  test("a destroy of what was just made goes ahead, as the check of a new key is no use", async () => {
    const folder = await openForSandbox("complete");
    await done(folder, "apply", "-auto-approve", "-no-color");

    await done(folder, "destroy", "-auto-approve", "-no-color");

    expect(activeKeys().map(({ id }) => id)).toEqual([service.pictify.adminKeyId]);
  });

  test("a destroy of what a workload has called with is refused, and force_destroy takes it", async () => {
    const folder = await openForSandbox("complete");
    await done(folder, "apply", "-auto-approve", "-no-color");
    await called("keyturn/platform-prod/web-shop");

    const refused = await folder.run("destroy", "-auto-approve", "-no-color");
    const stillThere = activeKeys().length;
    folder.edit('  type      = "live"\n', '  type      = "live"\n  force_destroy = true\n');
    await done(folder, "apply", "-auto-approve", "-no-color");
    await done(folder, "destroy", "-auto-approve", "-no-color");

    expect(refused.output).toContain("The key is in use (IN_USE)");
    expect(stillThere).toBe(2);
    expect(activeKeys().map(({ id }) => id)).toEqual([service.pictify.adminKeyId]);
  });

  test("tags that say something else than the arguments are refused, and no key is minted", async () => {
    const folder = await openForSandbox("complete");
    folder.edit('"keyturn:type"    = "live"', '"keyturn:type"    = "test"');

    const { code, output } = await folder.run("apply", "-auto-approve", "-no-color");

    expect(code).toBe(1);
    expect(output).toContain("NOT_AS_DECLARED");
    expect(activeKeys()).toHaveLength(1);
  });

  test("with the module one change changes tags and arguments at once", async () => {
    const folder = await openForSandbox("with-module");
    folder.edit('    dashboard = { vendor = "pictograph", role = "viewer", rotate_after_days = 30 }\n', "");
    await done(folder, "apply", "-auto-approve", "-no-color");
    const before = await storedValue("keyturn/platform-prod/web-shop");

    folder.edit('type = "live"', 'type = "test"');
    await done(folder, "apply", "-auto-approve", "-no-color");
    const plan = await folder.run("plan", "-detailed-exitcode", "-no-color");

    const after = await storedValue("keyturn/platform-prod/web-shop");
    expect(plan.code, plan.output).toBe(0);
    expect(after).toMatchObject({ type: "test" });
    expect(after.keyId).not.toBe(before.keyId);
  });

  test("the module's own tests pass, without AWS and without a service", async () => {
    const folder = await open("modules/api-key");
    await service.close();

    const output = await done(folder, "test", "-no-color");

    expect(output).toContain("4 passed, 0 failed");
  });

  test("a key made by hand is adopted after its value was put, and the first rotation replaces it", async () => {
    const { id, value } = service.pictify.issueKey({ name: "checkout by hand", access: "live" });
    const folder = await openForSandbox("adopt");
    folder.edit("key_made_by_hand", id);
    const SecretId = "keyturn/platform-prod/checkout";

    await done(folder, "apply", "-auto-approve", "-no-color", "-target=aws_secretsmanager_secret.checkout");
    await service.aws("PutSecretValue", { SecretId, SecretString: JSON.stringify({ apiKey: value }) });
    await done(folder, "apply", "-auto-approve", "-no-color");
    const adopted = await storedValue(SecretId);
    await service.aws("RotateSecret", { SecretId });
    await service.account.secretsManager.idle();
    const rotated = await storedValue(SecretId);
    await done(folder, "plan", "-detailed-exitcode", "-no-color");

    expect(adopted).toMatchObject({ apiKey: value, keyId: id });
    expect(rotated.keyId).not.toBe(id);
    expect(activeKeys().map((key) => key.id)).toContain(id); // both are valid in the overlap
  });

  test("a secret and its key are imported, and nothing is to be changed", async () => {
    const made = await openForSandbox("complete");
    await done(made, "apply", "-auto-approve", "-no-color");
    const arn = (await made.output("secret_arn")) as string;
    const folder = await openForSandbox("import");
    folder.edit(arn.replace(/-\w{6}$/, "-AbCdEf"), arn);
    folder.edit(
      '    "keyturn:type"    = "live"\n',
      '    "keyturn:type"    = "live"\n    "keyturn:overlap" = "PT24H"\n',
    );

    const output = await done(folder, "apply", "-auto-approve", "-no-color");

    expect(output).toMatch(/2 imported, 0 added, \d changed, 0 destroyed/);
    await done(folder, "plan", "-detailed-exitcode", "-no-color");
    expect(activeKeys()).toHaveLength(2);
  });

  test("the data source tells managed keys from others, with their age and the slots left", async () => {
    service.pictify.issueKey({ name: "bob's key", access: "live" });
    const made = await openForSandbox("complete");
    await done(made, "apply", "-auto-approve", "-no-color");
    const folder = await openForSandbox("unmanaged-keys");

    await done(folder, "apply", "-auto-approve", "-no-color");

    const unmanaged = (await folder.output("unmanaged")) as Record<string, number>;
    expect(Object.keys(unmanaged)).toHaveLength(2); // bob's, and the admin key
    expect(new Set(Object.values(unmanaged))).toEqual(new Set([0]));
    expect(await folder.output("slots_left")).toBe(7);
  });

  test("a value at run time is in neither the plan nor the state", async () => {
    const made = await openForSandbox("complete");
    await done(made, "apply", "-auto-approve", "-no-color");
    const { apiKey } = await storedValue("keyturn/platform-prod/web-shop");
    const folder = await openForSandbox("run-time-value");

    await done(folder, "plan", "-out=plan", "-no-color");
    const { output } = await folder.run("show", "-json", "plan");

    expect(output).toContain("aws_ssm_parameter.api_key");
    expect(output).not.toContain(apiKey);
    expect(readFileSync(join(folder.folder, "plan"))).not.toContain(apiKey);
  });
});
