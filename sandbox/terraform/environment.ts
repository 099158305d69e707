import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { writeCliConfiguration } from "./cli-configuration.ts";
import { HOW_TO_GET_TERRAFORM, locateTerraform, MINIMUM_TERRAFORM, type Terraform } from "./locate.ts";
import { gatherProviderFacts } from "./provider-facts.ts";
import { decideProviderSource, type ProviderDecision } from "./provider-source.ts";
import { isRegistryReachable } from "./registry-check.ts";

export interface TerraformEnvironmentOptions {
  /** The sandbox's state folder. */
  readonly stateFolder: string;
  /** Default: this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface TerraformEnvironment {
  /** The whole environment for terraform and cdktf, what was given included. */
  readonly env: NodeJS.ProcessEnv;
  /** What the user should know, a sentence each. */
  readonly notes: readonly string[];
  /** Why no deploy is possible, with what to do about it. Absent: one is. */
  readonly missing?: string;
}

/** Quiet, not interactive, and nothing asked or written outside of the state folder. */
const quietly = (stateFolder: string): NodeJS.ProcessEnv => ({
  CI: "1",
  CHECKPOINT_DISABLE: "1",
  TF_IN_AUTOMATION: "1",
  TF_INPUT: "0",
  CDKTF_HOME: join(stateFolder, "cdktf"),
});

/** A cache of providers makes nothing faster then, and would outlive a provider that is built anew. */
const withoutPluginCache: NodeJS.ProcessEnv = {
  CDKTF_DISABLE_PLUGIN_CACHE_ENV: "true",
  TF_PLUGIN_CACHE_DIR: undefined,
};

const sourceEnvironment = async (
  { source, notes }: ProviderDecision,
  env: NodeJS.ProcessEnv,
  stateFolder: string,
): Promise<TerraformEnvironment> => {
  if (source.kind === "none") return { env, notes, missing: source.missing };
  // Explicit also when it is the usual place, and gone when it names no file: Terraform warns of that on every call.
  const path = source.kind === "configuration" ? source.path : undefined;
  if (source.kind !== "mirror") return { env: { ...env, TF_CLI_CONFIG_FILE: path }, notes };
  const written = await writeCliConfiguration(stateFolder, source.mirror.folder);
  return { env: { ...env, TF_CLI_CONFIG_FILE: written, ...withoutPluginCache }, notes };
};

const decide = async (terraform: Terraform, env: NodeJS.ProcessEnv): Promise<ProviderDecision> =>
  decideProviderSource(
    await gatherProviderFacts({
      machine: { platform: process.platform, homeFolder: env.HOME || homedir(), environment: env },
      providerPlatform: terraform.platform,
      isRegistryReachable: () => isRegistryReachable(env),
    }),
  );

const withoutUnset = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));

/**
 * Prepares terraform (and the cdktf CLI, which calls it) for this machine: finds it, finds where its AWS provider
 * can be had, and writes a CLI configuration into the state folder where that needs one.
 */
export const terraformEnvironment = async (options: TerraformEnvironmentOptions): Promise<TerraformEnvironment> => {
  const stateFolder = resolve(options.stateFolder);
  const given = options.env ?? process.env;
  const choice = await locateTerraform(given);
  if (!choice.found) {
    const missing = `Terraform ${MINIMUM_TERRAFORM} or newer is needed, but ${choice.problem}. ${HOW_TO_GET_TERRAFORM}`;
    return { env: given, notes: [], missing };
  }
  const env = { ...given, ...quietly(stateFolder), TERRAFORM_BINARY_NAME: choice.found.command };
  const prepared = await sourceEnvironment(await decide(choice.found, given), env, stateFolder);
  return { ...prepared, env: withoutUnset(prepared.env) };
};
