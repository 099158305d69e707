import { type TerraformMetaArguments, TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { PROVIDER_ADDRESS } from "../../provider/address.ts";
import { hclArguments } from "./hcl-arguments.ts";
import type { KeyturnProvider } from "./keyturn-provider.ts";

/** How long an operation may take, in Terraform's form: `30m`, `1h30m`. */
export interface KeyturnApiKeyTimeouts {
  readonly create?: string | undefined;
  readonly update?: string | undefined;
  readonly delete?: string | undefined;
}

/** The arguments of `keyturn_api_key`, which `provider/key/schema.ts` describes. */
export interface KeyturnApiKeyConfig extends Omit<TerraformMetaArguments, "provider"> {
  readonly provider: KeyturnProvider;
  readonly secretId: string;
  readonly name: string;
  readonly vendor: string;
  readonly role?: string | undefined;
  readonly type?: string | undefined;
  readonly adoptKeyId?: string | undefined;
  readonly forceDestroy?: boolean | undefined;
  readonly timeouts?: KeyturnApiKeyTimeouts | undefined;
}

/** The Terraform resource `keyturn_api_key`: its arguments, and as attributes the facts that the service tells of the key. */
export class KeyturnApiKey extends TerraformResource {
  static readonly tfResourceType = "keyturn_api_key";
  readonly #config: KeyturnApiKeyConfig;

  constructor(scope: Construct, id: string, config: KeyturnApiKeyConfig) {
    const { dependsOn, lifecycle, provider } = config;
    super(scope, id, {
      terraformResourceType: KeyturnApiKey.tfResourceType,
      terraformGeneratorMetadata: { providerName: PROVIDER_ADDRESS.name, providerVersion: provider.version },
      provider,
      ...(dependsOn ? { dependsOn } : {}),
      ...(lifecycle ? { lifecycle } : {}),
    });
    this.#config = config;
  }

  get secretId(): string {
    return this.getStringAttribute("secret_id");
  }

  get name(): string {
    return this.getStringAttribute("name");
  }

  get vendor(): string {
    return this.getStringAttribute("vendor");
  }

  get role(): string {
    return this.getStringAttribute("role");
  }

  get type(): string {
    return this.getStringAttribute("type");
  }

  get adoptKeyId(): string {
    return this.getStringAttribute("adopt_key_id");
  }

  get forceDestroy() {
    return this.getBooleanAttribute("force_destroy");
  }

  get secretArn(): string {
    return this.getStringAttribute("secret_arn");
  }

  get keyId(): string {
    return this.getStringAttribute("key_id");
  }

  get keyPrefix(): string {
    return this.getStringAttribute("key_prefix");
  }

  get status(): string {
    return this.getStringAttribute("status");
  }

  get versionId(): string {
    return this.getStringAttribute("version_id");
  }

  get createdAt(): string {
    return this.getStringAttribute("created_at");
  }

  get lastUsedAt(): string {
    return this.getStringAttribute("last_used_at");
  }

  get nextRotationAt(): string {
    return this.getStringAttribute("next_rotation_at");
  }

  get liveGenerations(): number {
    return this.getNumberAttribute("live_generations");
  }

  get claim(): string {
    return this.getStringAttribute("claim");
  }

  get debt(): string[] {
    return this.getListAttribute("debt");
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { ...this.#arguments(), timeouts: this.#config.timeouts };
  }

  protected override synthesizeHclAttributes(): Record<string, unknown> {
    const { timeouts } = this.#config;
    const block = timeouts && {
      value: hclArguments({ ...timeouts }),
      isBlock: true,
      type: "struct",
      storageClassType: "KeyturnApiKeyTimeouts",
    };
    return { ...hclArguments(this.#arguments()), ...(block ? { timeouts: block } : {}) };
  }

  #arguments() {
    const { secretId, name, vendor, role, type, adoptKeyId, forceDestroy } = this.#config;
    return {
      secret_id: secretId,
      name,
      vendor,
      role,
      type,
      adopt_key_id: adoptKeyId,
      force_destroy: forceDestroy,
    };
  }
}
