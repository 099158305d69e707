import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkDeployTools } from "../../../sandbox/prerequisites.ts";
import { renderCliConfiguration } from "../../../sandbox/terraform/cli-configuration.ts";
import { terraformEnvironment } from "../../../sandbox/terraform/environment.ts";
import { REGISTRY_HOST } from "../../../sandbox/terraform/provider-source.ts";
import { AWS_PROVIDER_VERSIONS } from "../../../stacks/aws-provider-versions.ts";
import { describeUnlessMissing } from "../describe-unless-missing.ts";

const run = promisify(execFile);

const STACK = {
  terraform: {
    backend: { local: { path: "terraform.tfstate" } },
    required_providers: { aws: { source: "hashicorp/aws", version: AWS_PROVIDER_VERSIONS } },
  },
  provider: { aws: [{ region: "us-east-1" }] },
};

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "keyturn-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test("the configuration names the mirror, and does not ask HashiCorp's providers of a folder that may be missing", () => {
  expect(renderCliConfiguration('C:\\mir"rors')).toBe(`# Written by the sandbox.
provider_installation {
  filesystem_mirror {
    path = "C:/mir\\"rors"
  }
  filesystem_mirror {
    path    = "terraform.d/plugins"
    exclude = ["hashicorp/*"]
  }
}
`);
});

test("without Terraform the message says what is needed and how to get it", async () => {
  const prepared = await terraformEnvironment({ stateFolder: folder, env: { PATH: "/nowhere" } });
  expect(prepared.missing).toMatch(/^Terraform 1\.11 or newer is needed, but no terraform .*KEYTURN_TERRAFORM/);
});

const missing = await mkdtemp(join(tmpdir(), "keyturn-")).then(async (stateFolder) => {
  const tools = await checkDeployTools({ stateFolder });
  await rm(stateFolder, { recursive: true });
  return tools;
});

describeUnlessMissing(missing, "terraform here", () => {
  test("initializes and validates a stack with the AWS provider, without a word about its configuration", async () => {
    const env = { ...process.env, TF_CLI_CONFIG_FILE: join(folder, "gone") };
    const prepared = await terraformEnvironment({ stateFolder: join(folder, "state"), env });
    const stack = join(folder, "stack");
    await mkdir(stack);
    await writeFile(join(stack, "main.tf.json"), JSON.stringify(STACK));
    const inStack = { cwd: stack, env: prepared.env };
    const terraform = prepared.env.TERRAFORM_BINARY_NAME ?? "";

    const initialized = await run(terraform, ["init", "-no-color"], inStack);
    const validated = await run(terraform, ["validate", "-no-color"], inStack);

    expect(prepared.notes[0]).toContain("gone, which does not exist");
    expect(initialized.stdout).toContain("has been successfully initialized");
    expect(validated.stdout).toContain("The configuration is valid");
    expect(initialized.stderr + validated.stderr).toBe("");
  }, 180_000);

  test("takes a mirror that is named, through a configuration in the state folder", async () => {
    const named = await mirrorOfThisMachine();
    const env = { PATH: process.env.PATH, HOME: folder, KEYTURN_TERRAFORM_MIRROR: named };

    const prepared = await terraformEnvironment({ stateFolder: folder, env });

    expect(prepared).toMatchObject({ notes: [expect.stringContaining(named)] });
    expect(prepared.env.TF_CLI_CONFIG_FILE).toBe(join(folder, "terraform.rc"));
    expect(await readFile(join(folder, "terraform.rc"), "utf8")).toContain(JSON.stringify(named));
  });

  test("respects a configuration of the user's, and writes none", async () => {
    const path = join(folder, "own.tfrc");
    await writeFile(path, "provider_installation {\n  direct {}\n}\n");
    const env = { PATH: process.env.PATH, HOME: folder, TF_CLI_CONFIG_FILE: path };

    const prepared = await terraformEnvironment({ stateFolder: join(folder, "state"), env });

    expect(prepared.env.TF_CLI_CONFIG_FILE).toBe(path);
    expect(await readdir(folder)).toEqual(["own.tfrc"]);
  });

  test("is quiet, asks nobody, and keeps what was given", async () => {
    const path = join(folder, "own.tfrc");
    await writeFile(path, "provider_installation {\n  direct {}\n}\n");
    const env = { PATH: process.env.PATH, TF_CLI_CONFIG_FILE: path, AWS_REGION: "eu-west-1" };

    const prepared = await terraformEnvironment({ stateFolder: folder, env });

    const quiet = { CI: "1", CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", TF_INPUT: "0" };
    expect(prepared.env).toMatchObject({ ...quiet, AWS_REGION: "eu-west-1", CDKTF_HOME: join(folder, "cdktf") });
  });
});

/** A mirror that looks as if it held the provider; it is looked at only, never used. */
const mirrorOfThisMachine = async (): Promise<string> => {
  const { stdout } = await run("terraform", ["version", "-json"], {
    env: { PATH: process.env.PATH, CHECKPOINT_DISABLE: "1" },
  });
  const { platform } = JSON.parse(stdout) as { platform: string };
  const mirror = join(folder, "mirror");
  const path = join(mirror, REGISTRY_HOST, "hashicorp", "aws", "6.2.0", platform);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "terraform-provider-aws_v6.2.0_x5"), "");
  return mirror;
};
