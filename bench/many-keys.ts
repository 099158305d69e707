import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { type App, LocalBackend, TerraformStack } from "cdktf";
import { KeyRotationService, KubernetesSecretTarget, PictifyApiKey, PictographApiKey } from "../constructs/index.ts";
import { trustPolicy } from "../constructs/policy.ts";
import { AWS_PROVIDER_VERSIONS } from "../stacks/aws-provider-versions.ts";
import { SERVICE } from "./declared.ts";

/** Where the vendors of such a stack are, where it is deployed. */
export interface ManyKeysPlaces {
  readonly pictify: string;
  readonly pictograph: string;
  readonly organizationId: string;
}

const NOWHERE: ManyKeysPlaces = {
  pictify: "https://pictify.test",
  pictograph: "https://pictograph.test",
  organizationId: "00000000-0000-4000-8000-000000000000",
};

/** How many keys share a namespace. */
const KEYS_OF_A_NAMESPACE = 50;
/** As short as the sandbox's vendors are. */
const DELAYS = { propagation: "PT3S", reportingDelay: "PT5S", skew: "PT1S" } as const;

export interface ManyKeysOptions {
  readonly keys: number;
  /** @default addresses that nobody has */
  readonly places?: ManyKeysPlaces;
  /** Whether every key has a target in a cluster. @default true */
  readonly targets?: boolean;
}

/**
 * A stack of many keys, with all that a service can have: both vendors by turns, a target for each key, alarms, a KMS key, and a role
 * that reads all of them.
 */
export const declareManyKeys = (
  app: App,
  { keys, places = NOWHERE, targets = true }: ManyKeysOptions,
): TerraformStack => {
  const stack = new TerraformStack(app, "many-keys");
  new LocalBackend(stack, { path: "terraform.tfstate" });
  new AwsProvider(stack, "Aws", { region: "us-east-1" });
  stack.addOverride("terraform.required_providers.aws.version", AWS_PROVIDER_VERSIONS);
  const service = new KeyRotationService(stack, "Keyturn", {
    name: SERVICE,
    alarmTopic: { arn: "arn:aws:sns:us-east-1:000000000000:oncall" },
    encryptionKey: { arn: "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555" },
  });
  const { organizationId } = places;
  const vendors = {
    pictify: service.addVendor("Pictify", {
      ...DELAYS,
      vendor: "pictify",
      adminSecretName: "keyturn/pictify",
      plan: "enterprise",
      baseUrl: places.pictify,
    }),
    pictograph: service.addVendor("Pictograph", {
      ...DELAYS,
      vendor: "pictograph",
      adminSecretName: "keyturn/pictograph",
      plan: "enterprise",
      baseUrl: places.pictograph,
      organizationId,
    }),
  };
  const cluster = targets
    ? service.addCluster("Prod", { name: "prod", kubeconfigSecretName: "clusters/prod" })
    : undefined;
  for (let index = 0; index < keys; index++) {
    const name = `key-${String(index).padStart(5, "0")}`;
    const common = { name, quiet: "PT1S", recoveryWindowInDays: 0 };
    const key =
      index % 2 === 0
        ? new PictifyApiKey(stack, `Key${index}`, { ...common, vendor: vendors.pictify, type: "live" })
        : new PictographApiKey(stack, `Key${index}`, { ...common, vendor: vendors.pictograph, role: "member" });
    const namespace = `team-${String(Math.floor(index / KEYS_OF_A_NAMESPACE)).padStart(4, "0")}`;
    if (cluster)
      key.addTarget(
        new KubernetesSecretTarget({
          cluster,
          namespace,
          secretName: name,
          restart: [`deployment/${name}`],
        }),
      );
  }
  service.grantRead(
    new IamRole(stack, "Reader", { name: "reader", assumeRolePolicy: trustPolicy("ecs-tasks.amazonaws.com") }),
  );
  return stack;
};
