import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic/index.js";
import { type App, TerraformStack } from "cdktf";
import {
  type ClusterProps,
  KeyRotationService,
  type KeyRotationServiceProps,
  type KubernetesCluster,
  KubernetesSecretTarget,
  type KubernetesTargetProps,
  PictifyApiKey,
  type PictifyApiKeyProps,
  PictographApiKey,
  type PictographApiKeyProps,
  type VendorConnectionProps,
} from "../constructs/index.ts";
import { AWS_PROVIDER_VERSIONS } from "./aws-provider-versions.ts";

/** A Kubernetes Secret that gets a key's value. */
export interface DeclaredTarget extends Omit<KubernetesTargetProps, "cluster"> {
  /** The id of its cluster's construct. */
  readonly cluster: string;
}

/** A key without its connection, and with the places that get its value. */
type Declared<Key extends { readonly vendor: unknown }> = Omit<Key, "vendor"> & {
  /** @default none */
  readonly targets?: readonly DeclaredTarget[];
};

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
  /**
   * Kubernetes clusters, by the ids of their constructs.
   * @default none
   */
  readonly clusters?: Readonly<Record<string, ClusterProps>>;
  /** Keys of Pictograph, by the ids of their constructs. */
  readonly pictographKeys: Readonly<Record<string, Declared<PictographApiKeyProps>>>;
  /** Keys of Pictify, by the ids of their constructs. */
  readonly pictifyKeys: Readonly<Record<string, Declared<PictifyApiKeyProps>>>;
}

const addTargets = (
  key: PictographApiKey | PictifyApiKey,
  targets: readonly DeclaredTarget[],
  clusters: ReadonlyMap<string, KubernetesCluster>,
): void => {
  for (const { cluster: id, ...target } of targets) {
    const cluster = clusters.get(id);
    if (!cluster) throw new Error(`there is no cluster "${id}", only ${[...clusters.keys()].join(", ") || "none"}`);
    key.addTarget(new KubernetesSecretTarget({ ...target, cluster }));
  }
};

/** A stack with one service, a topic for its alarms, both vendors, clusters, and keys of each vendor. */
export const apiKeysStack = (app: App, configuration: ApiKeysConfiguration): TerraformStack => {
  const stack = new TerraformStack(app, configuration.stackName);
  configuration.backend(stack);
  new AwsProvider(stack, "Aws", configuration.region === undefined ? {} : { region: configuration.region });
  stack.addOverride("terraform.required_providers.aws.version", AWS_PROVIDER_VERSIONS);

  const alarmTopic = new SnsTopic(stack, "Alarms", { name: `keyturn-${configuration.service.name}-alarms` });
  const service = new KeyRotationService(stack, "Keyturn", { ...configuration.service, alarmTopic });
  const pictograph = service.addVendor("Pictograph", { ...configuration.pictograph, vendor: "pictograph" });
  const pictify = service.addVendor("Pictify", { ...configuration.pictify, vendor: "pictify" });
  const clusters = new Map(
    Object.entries(configuration.clusters ?? {}).map(([id, props]) => [id, service.addCluster(id, props)]),
  );
  for (const [id, { targets = [], ...key }] of Object.entries(configuration.pictographKeys))
    addTargets(new PictographApiKey(stack, id, { ...key, vendor: pictograph }), targets, clusters);
  for (const [id, { targets = [], ...key }] of Object.entries(configuration.pictifyKeys))
    addTargets(new PictifyApiKey(stack, id, { ...key, vendor: pictify }), targets, clusters);
  return stack;
};
