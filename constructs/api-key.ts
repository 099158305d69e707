import { LambdaInvocation } from "@cdktf/provider-aws/lib/lambda-invocation/index.js";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret/index.js";
import { SecretsmanagerSecretRotation } from "@cdktf/provider-aws/lib/secretsmanager-secret-rotation/index.js";
import { TerraformStack } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { type Access, accessText } from "../lambdas/contracts/access.ts";
import { declarationTags } from "../lambdas/contracts/declaration.ts";
import type { Metric } from "../lambdas/contracts/metrics.ts";
import { secretNameOf } from "../lambdas/contracts/secret-name.ts";
import { type ApiKeyProps, type KeySettings, keySettings } from "./key-settings.ts";
import { type MetricReference, serviceMetric } from "./metric.ts";
import { refuse } from "./property-checks.ts";
import { grantRead } from "./read-grant.ts";
import type { ArnReference, RoleReference } from "./references.ts";
import type { VendorConnection } from "./vendor-connection.ts";

/** A managed API key, declared here or elsewhere. */
export interface IApiKey extends IConstruct {
  /** The name of the secret that holds it; `AWSCURRENT` is the value to use. */
  readonly secretName: string;
  readonly secretArn: string;
  /** Lets a role read the key's secret, and decrypt it where a KMS key of the user's encrypts it. */
  grantRead(role: RoleReference): void;
  /** A metric of the key's service, to be used in an alarm or a dashboard. */
  metric(metric: Metric): MetricReference;
}

/**
 * What a key of any vendor is made of, in this order: the secret with the declaration in its tags, the first
 * generation, the rotation. A destroy goes the same way back: the rotation stops, `manage` revokes every generation,
 * the secret goes.
 */
export class ApiKey extends Construct implements IApiKey {
  readonly secretName: string;
  readonly secretArn: string;
  readonly #service: string;
  readonly #name: string;
  readonly #encryptionKey: ArnReference | undefined;

  constructor(scope: Construct, id: string, vendorName: string, access: Access, props: ApiKeyProps) {
    super(scope, id);
    checkVendor(this, vendorName, props.vendor);
    const settings = keySettings(this.node.path, access, props);
    const { service } = props.vendor;
    this.#service = service.name;
    this.#name = settings.declaration.name;
    this.secretName = secretNameOf(this.#service, this.#name);
    service.takeName(this.node.path, this.#name);
    props.vendor.serve(this.node.path, settings.declaration);
    this.#encryptionKey = props.encryptionKey ?? service.settings.encryptionKey;
    if (this.#encryptionKey) service.useEncryptionKey(this.#encryptionKey);
    const secret = this.#makeSecret(settings, props.description ?? describe(vendorName, settings));
    this.secretArn = secret.arn;
    this.#makeRotation(settings, props.vendor);
  }

  grantRead(role: RoleReference): void {
    const parts = { service: this.#service, name: this.#name };
    grantRead(this, { secretArn: this.secretArn, parts, encryptionKey: this.#encryptionKey }, role);
  }

  metric(metric: Metric): MetricReference {
    return serviceMetric(this.#service, metric);
  }

  #makeSecret(settings: KeySettings, description: string): SecretsmanagerSecret {
    return new SecretsmanagerSecret(this, "Secret", {
      name: this.secretName,
      description,
      recoveryWindowInDays: settings.recoveryWindowInDays,
      tags: settings.tags,
      ...(this.#encryptionKey ? { kmsKeyId: this.#encryptionKey.arn } : {}),
    });
  }

  #makeRotation(settings: KeySettings, { service }: VendorConnection): void {
    const firstGeneration = new LambdaInvocation(this, "Generation", {
      functionName: service.functionOf("manage").functionName,
      lifecycleScope: "CRUD",
      // What is declared is part of the input only so that a change of it invokes `manage` again.
      input: JSON.stringify({
        secretId: this.secretArn,
        ...(settings.forceDestroy ? { force: true } : {}),
        declared: declarationTags(settings.declaration),
      }),
      dependsOn: [...service.dependencies],
    });
    new SecretsmanagerSecretRotation(this, "Rotation", {
      secretId: this.secretArn,
      rotationLambdaArn: service.functionOf("rotate").arn,
      // Or a changed schedule would mint a key for each secret at once.
      rotateImmediately: false,
      rotationRules: { automaticallyAfterDays: settings.rotateAfterDays },
      dependsOn: [...service.dependencies, firstGeneration],
    });
  }
}

const describe = (vendorName: string, { declaration }: KeySettings): string =>
  `Keyturn: API key ${declaration.name} of ${vendorName}, ${accessText(declaration.access)}`;

/**
 * One stack, because a key that is taken out of its app must be revoked before the functions lose the right to do so:
 * Terraform keeps that order within a stack, and cdktf deploys a service's stack first.
 */
const checkVendor = (key: ApiKey, vendorName: string, connection: VendorConnection | undefined): void => {
  const settings = connection?.settings;
  if (!connection || !settings?.vendor) refuse(key.node.path, "vendor must be what the service's addVendor returned");
  if (settings.vendor.name !== vendorName)
    refuse(
      key.node.path,
      `vendor must be a connection to ${vendorName}; "${settings.connection}" is one to ${settings.vendor.name}`,
    );
  if (TerraformStack.of(key) !== TerraformStack.of(connection))
    refuse(
      key.node.path,
      `must be declared in the stack of its service (${TerraformStack.of(connection).node.id}); elsewhere use fromSecretName("${secretNameOf(connection.service.name, "<name>")}")`,
    );
};
