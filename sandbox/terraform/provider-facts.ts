import { access, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { foldersOf, type Machine, mirrorPlaces } from "./mirror-places.ts";
import { findInMirror } from "./provider-mirror.ts";
import type { ProviderFacts, ProviderMirror } from "./provider-source.ts";

/** How the world is asked; tests answer in its place. */
export interface FactSources {
  readonly machine: Machine;
  /** Terraform's name for the platform, such as `linux_amd64`. */
  readonly providerPlatform: string;
  isRegistryReachable(): Promise<boolean>;
}

/** The CLI configuration file that Terraform reads when nothing names another (its CLI documentation). */
const defaultConfigurationFile = ({ platform, homeFolder, environment }: Machine): string =>
  platform === "win32" ? join(environment.APPDATA ?? homeFolder, "terraform.rc") : join(homeFolder, ".terraformrc");

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const readConfiguration = async (path: string) => {
  const text = await readFile(path, "utf8");
  const withoutComments = text.replace(/^\s*(#|\/\/).*$/gm, "");
  return { path, installsProviders: /\bprovider_installation\b/.test(withoutComments) };
};

type ConfigurationFacts = Pick<ProviderFacts, "configuration" | "missingConfigurationFile">;

const configurationFacts = async (machine: Machine): Promise<ConfigurationFacts> => {
  const named = machine.environment.TF_CLI_CONFIG_FILE || undefined;
  if (named && (await exists(named))) return { configuration: await readConfiguration(named) };
  const missing = named ? { missingConfigurationFile: named } : {};
  const usual = defaultConfigurationFile(machine);
  return (await exists(usual)) ? { ...missing, configuration: await readConfiguration(usual) } : missing;
};

const searchMirror = async ({ machine, providerPlatform }: FactSources): Promise<ProviderMirror | undefined> => {
  for (const place of mirrorPlaces(machine)) {
    for (const folder of await foldersOf(place)) {
      const mirror = await findInMirror(folder, providerPlatform);
      if (mirror) return mirror;
    }
  }
  return undefined;
};

const namedMirrorFacts = async ({ machine, providerPlatform }: FactSources) => {
  const named = machine.environment.KEYTURN_TERRAFORM_MIRROR;
  if (!named) return undefined;
  const folder = resolve(named);
  const mirror = await findInMirror(folder, providerPlatform);
  return mirror ? { folder, mirror } : { folder };
};

/**
 * Gathers what the decision needs, and no more: the registry is not asked when a configuration of the user's or a
 * named mirror settles it, and the machine is not searched when the registry can be reached.
 */
export const gatherProviderFacts = async (sources: FactSources): Promise<ProviderFacts> => {
  const configuration = await configurationFacts(sources.machine);
  const namedMirror = await namedMirrorFacts(sources);
  const known = { ...configuration, ...(namedMirror && { namedMirror }) };
  const isUserServed = configuration.configuration?.installsProviders === true;
  const isMirrorServed = !configuration.configuration && namedMirror?.mirror !== undefined;
  if (isUserServed || isMirrorServed) return { ...known, isRegistryReachable: false, mirrors: [] };
  if (await sources.isRegistryReachable()) return { ...known, isRegistryReachable: true, mirrors: [] };
  const found = await searchMirror(sources);
  return { ...known, isRegistryReachable: false, mirrors: found ? [found] : [] };
};
