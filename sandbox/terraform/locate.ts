import { execFile } from "node:child_process";
import { z } from "zod";

/** Terraform's first version with write-only arguments (its changelog); cdktf runs with any. */
export const MINIMUM_TERRAFORM = "1.11";

export const HOW_TO_GET_TERRAFORM =
  "See developer.hashicorp.com/terraform/install (macOS: brew install hashicorp/tap/terraform), or name one in KEYTURN_TERRAFORM.";

export interface Terraform {
  /** How it is called: `terraform`, or what `KEYTURN_TERRAFORM` says. */
  readonly command: string;
  readonly version: string;
  /** As in the folders of providers, such as `linux_amd64`. */
  readonly platform: string;
}

export type TerraformChoice = { readonly found: Terraform } | { readonly found?: never; readonly problem: string };

/** What `terraform version -json` prints; OpenTofu prints the same. */
const VersionAnswer = z.object({ terraform_version: z.string(), platform: z.string() });

const PROBE_TIMEOUT_MS = 20_000;

const isNewEnough = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return major > 1 || (major === 1 && minor >= 11);
};

/** Reads the answer of `<command> version -json`. */
export const readVersionAnswer = (command: string, stdout: string): TerraformChoice => {
  let answer: z.infer<typeof VersionAnswer>;
  try {
    answer = VersionAnswer.parse(JSON.parse(stdout));
  } catch {
    return { problem: `${command} does not say its version as Terraform does` };
  }
  const { terraform_version: version, platform } = answer;
  if (isNewEnough(version)) return { found: { command, version, platform } };
  return { problem: `${command} is version ${version}, older than ${MINIMUM_TERRAFORM}` };
};

const ask = (command: string, environment: NodeJS.ProcessEnv) =>
  new Promise<string | undefined>((resolve) => {
    const options = { env: environment, timeout: PROBE_TIMEOUT_MS };
    execFile(command, ["version", "-json"], options, (error, stdout) => resolve(error ? undefined : stdout));
  });

/**
 * Finds Terraform of at least 1.11: the one that `KEYTURN_TERRAFORM` names, else `terraform` on PATH.
 * @param environment default: this process's
 */
export const locateTerraform = async (environment: NodeJS.ProcessEnv = process.env): Promise<TerraformChoice> => {
  const named = environment.KEYTURN_TERRAFORM || undefined;
  const command = named ?? "terraform";
  // A CLI configuration that is named and missing makes OpenTofu print a warning before its answer.
  const stdout = await ask(command, { ...environment, CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: "" });
  if (stdout !== undefined) return readVersionAnswer(command, stdout);
  return {
    problem: named
      ? `KEYTURN_TERRAFORM names ${named}, which does not run`
      : "no terraform that runs was found on PATH",
  };
};
