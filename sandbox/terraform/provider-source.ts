/** Where Terraform shall take its AWS provider from. Facts in, decision out; `provider-facts.ts` gathers the facts. */
import { AWS_PROVIDER_VERSIONS } from "../../stacks/aws-provider-versions.ts";

/** Terraform's public default registry; the first folder of a mirror is named after it, too. */
export const REGISTRY_HOST = "registry.terraform.io";

export interface ProviderMirror {
  readonly folder: string;
  /** The best version in it that fits. */
  readonly version: string;
}

export interface ProviderFacts {
  /** The file that `TF_CLI_CONFIG_FILE` names and that does not exist. */
  readonly missingConfigurationFile?: string;
  /** The CLI configuration that Terraform reads, and whether it says how providers are installed. */
  readonly configuration?: { readonly path: string; readonly installsProviders: boolean };
  /** What `KEYTURN_TERRAFORM_MIRROR` names, and what of use is in it. */
  readonly namedMirror?: { readonly folder: string; readonly mirror?: ProviderMirror };
  readonly isRegistryReachable: boolean;
  /** Mirrors found in the usual places, best place first. */
  readonly mirrors: readonly ProviderMirror[];
}

export type ProviderSource =
  | { readonly kind: "configuration"; readonly path: string }
  | { readonly kind: "registry" }
  | { readonly kind: "mirror"; readonly mirror: ProviderMirror }
  | { readonly kind: "none"; readonly missing: string };

export interface ProviderDecision {
  readonly source: ProviderSource;
  /** What the user should know, a sentence each. */
  readonly notes: readonly string[];
}

const HOW_TO_MIRROR =
  "`terraform providers mirror <folder>`, run where the registry can be reached, makes such a folder; " +
  "name it in KEYTURN_TERRAFORM_MIRROR.";

const noProvider = (facts: ProviderFacts): string => {
  const unfit = facts.namedMirror;
  const named = unfit ? ` KEYTURN_TERRAFORM_MIRROR names ${unfit.folder}, but no fitting version is in it.` : "";
  return (
    `Terraform's AWS provider (${AWS_PROVIDER_VERSIONS}) cannot be had: its registry cannot be reached, ` +
    `and no mirror with it was found.${named} ${HOW_TO_MIRROR}`
  );
};

const underConfiguration = (path: string, facts: ProviderFacts): ProviderSource => {
  const found = facts.namedMirror?.mirror ?? facts.mirrors[0];
  if (facts.isRegistryReachable) return { kind: "configuration", path };
  const remedy = found
    ? `A mirror with it is ${found.folder}: add a provider_installation block with a filesystem_mirror of that path.`
    : HOW_TO_MIRROR;
  const missing = `Terraform's registry cannot be reached, and your CLI configuration ${path} names no other place for the AWS provider. ${remedy}`;
  return { kind: "none", missing };
};

const decideSource = (facts: ProviderFacts): ProviderSource => {
  const { configuration, namedMirror } = facts;
  if (configuration?.installsProviders) return { kind: "configuration", path: configuration.path };
  if (configuration) return underConfiguration(configuration.path, facts);
  if (namedMirror?.mirror) return { kind: "mirror", mirror: namedMirror.mirror };
  if (facts.isRegistryReachable) return { kind: "registry" };
  const [mirror] = facts.mirrors;
  return mirror ? { kind: "mirror", mirror } : { kind: "none", missing: noProvider(facts) };
};

const noteOf = (source: ProviderSource): string | undefined => {
  if (source.kind === "configuration") return `Terraform uses your CLI configuration ${source.path}.`;
  if (source.kind !== "mirror") return undefined;
  return `Terraform takes its AWS provider ${source.mirror.version} from the mirror ${source.mirror.folder}.`;
};

/**
 * A CLI configuration of the user's is respected; without one, a mirror named in `KEYTURN_TERRAFORM_MIRROR` comes
 * first, then the registry, then a mirror in a usual place.
 */
export const decideProviderSource = (facts: ProviderFacts): ProviderDecision => {
  const source = decideSource(facts);
  const { missingConfigurationFile: gone, namedMirror } = facts;
  const notes = [
    gone && `TF_CLI_CONFIG_FILE names ${gone}, which does not exist; the sandbox goes on as if it were not set.`,
    namedMirror && !namedMirror.mirror && source.kind !== "none"
      ? `KEYTURN_TERRAFORM_MIRROR names ${namedMirror.folder}, but no AWS provider ${AWS_PROVIDER_VERSIONS} for this machine is in it.`
      : undefined,
    noteOf(source),
  ];
  return { source, notes: notes.filter((note) => note !== undefined && note !== "") as string[] };
};
