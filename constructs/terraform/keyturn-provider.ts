import { join } from "node:path";
import { TerraformProvider, TerraformStack } from "cdktf";
// PLATFORM: cdktf exports no way to write a file of one's own at synth but this, which its own TerraformAsset uses.
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer.js";
import type { Construct } from "constructs";
import { PROVIDER_ADDRESS, PROVIDER_SOURCE } from "../../provider/address.ts";
import { type BuiltProvider, layProvider } from "../../provider/layout.ts";
import type { AssumedRoleProps } from "../service-settings.ts";
import { type Block, hclArguments, hclBlocks } from "./hcl-arguments.ts";

const ROLE_BLOCK = "assume_role";

/** What the examples need as well; OpenTofu counts in the same numbers. */
const REQUIRED_TERRAFORM = ">= 1.11";

/** The arguments of the provider block, which `provider/configuration.ts` describes. */
export interface KeyturnProviderConfig {
  /** What resources call this provider block: `keyturn.<alias>`. */
  readonly alias: string;
  readonly inspectFunction: string;
  readonly manageFunction: string;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpointUrl?: string | undefined;
  /** Asked at synth, when all is declared. */
  readonly assumeRole?: () => AssumedRoleProps | undefined;
  /** The provider that the stack requires, and that is laid beside it. */
  readonly built: BuiltProvider;
}

/** A block of Keyturn's Terraform provider. The provider itself is laid beside the stack when the app is synthesized. */
export class KeyturnProvider extends TerraformProvider {
  readonly version: string;
  readonly #config: KeyturnProviderConfig;

  constructor(scope: Construct, id: string, config: KeyturnProviderConfig) {
    super(scope, id, {
      terraformResourceType: PROVIDER_ADDRESS.name,
      terraformGeneratorMetadata: { providerName: PROVIDER_ADDRESS.name, providerVersion: config.built.version },
      terraformProviderSource: PROVIDER_SOURCE,
    });
    this.version = config.built.version;
    this.#config = config;
    addCustomSynthesis(this, {
      onSynthesize: ({ outdir, manifest }) =>
        layProvider(join(outdir, manifest.forStack(TerraformStack.of(this)).workingDirectory), config.built),
    });
  }

  override get alias(): string {
    return this.#config.alias;
  }

  /** Beside the provider, the Terraform that the stack needs; an override of the stack's own goes before it. */
  override toTerraform(): Record<string, unknown> {
    // PLATFORM: cdktf's HCL output can write no required_version, so that the JSON alone has one.
    const { terraform, ...block } = super.toTerraform() as { readonly terraform: object };
    return { ...block, terraform: { ...terraform, required_version: REQUIRED_TERRAFORM } };
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { ...this.#arguments(), [ROLE_BLOCK]: this.#role() };
  }

  protected override synthesizeHclAttributes(): Record<string, unknown> {
    const role = this.#role();
    return { ...hclArguments(this.#arguments()), ...(role && { [ROLE_BLOCK]: hclBlocks(ROLE_BLOCK, [role]) }) };
  }

  #role(): Block | undefined {
    const role = this.#config.assumeRole?.();
    if (!role) return undefined;
    const { roleArn, sessionName, externalId, duration } = role;
    return {
      role_arn: roleArn,
      ...(sessionName !== undefined && { session_name: sessionName }),
      ...(externalId !== undefined && { external_id: externalId }),
      ...(duration !== undefined && { duration }),
    };
  }

  #arguments() {
    const { inspectFunction, manageFunction, region, profile, endpointUrl } = this.#config;
    return {
      inspect_function: inspectFunction,
      manage_function: manageFunction,
      region,
      profile,
      endpoint_url: endpointUrl,
    };
  }
}
