import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic/index.js";
import { type App, TerraformStack } from "cdktf";
import {
  KeyRotationService,
  type KeyRotationServiceProps,
  PictifyApiKey,
  type PictifyApiKeyProps,
  PictographApiKey,
  type PictographApiKeyProps,
  type VendorConnectionProps,
} from "../constructs/index.ts";
import { AWS_PROVIDER_VERSIONS } from "./aws-provider-versions.ts";

/** The versions of `hashicorp/aws` that the constructs keep to: they use only what all of these know. */
type Connected<Key extends { readonly vendor: unknown }> = Omit<Key, "vendor">;

/** All in which one deployment differs from another. */
export interface ApiKeysConfiguration {
  readonly stackName: string;
  /** @default the one that the environment says (AWS_REGION) */
  readonly region?: string;
  /** Where Terraform keeps its state. */
  readonly backend: (stack: TerraformStack) => void;
  readonly service: Omit<KeyRotationServiceProps, "alarmTopic">;
  readonly pictograph: Omit<VendorConnectionProps, "vendor">;
  readonly pictify: Omit<VendorConnectionProps, "vendor">;
  /** Keys of Pictograph, by the ids of their constructs. */
  readonly pictographKeys: Readonly<Record<string, Connected<PictographApiKeyProps>>>;
  /** Keys of Pictify, by the ids of their constructs. */
  readonly pictifyKeys: Readonly<Record<string, Connected<PictifyApiKeyProps>>>;
}

/** A stack with one service, a topic for its alarms, both vendors, and keys of each. */
export const apiKeysStack = (app: App, configuration: ApiKeysConfiguration): TerraformStack => {
  const stack = new TerraformStack(app, configuration.stackName);
  configuration.backend(stack);
  new AwsProvider(stack, "Aws", configuration.region === undefined ? {} : { region: configuration.region });
  stack.addOverride("terraform.required_providers.aws.version", AWS_PROVIDER_VERSIONS);

  const alarmTopic = new SnsTopic(stack, "Alarms", { name: `keyturn-${configuration.service.name}-alarms` });
  const service = new KeyRotationService(stack, "Keyturn", { ...configuration.service, alarmTopic });
  const pictograph = service.addVendor("Pictograph", { ...configuration.pictograph, vendor: "pictograph" });
  const pictify = service.addVendor("Pictify", { ...configuration.pictify, vendor: "pictify" });
  for (const [id, key] of Object.entries(configuration.pictographKeys))
    new PictographApiKey(stack, id, { ...key, vendor: pictograph });
  for (const [id, key] of Object.entries(configuration.pictifyKeys))
    new PictifyApiKey(stack, id, { ...key, vendor: pictify });
  return stack;
};
