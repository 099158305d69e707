import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret/index.js";
import { SecretsmanagerSecretRotation } from "@cdktf/provider-aws/lib/secretsmanager-secret-rotation/index.js";
import { dependable, TerraformStack } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { type Access, accessFields, accessText } from "../lambdas/contracts/access.ts";
import type { Metric } from "../lambdas/contracts/metrics.ts";
import { secretNameOf } from "../lambdas/contracts/secret-name.ts";
import { warnOfEnvFrom } from "./env-from.ts";
import { type ApiKeyProps, type KeySettings, keySettings } from "./key-settings.ts";
import type { KeyTarget } from "./kubernetes-target.ts";
import { type MetricReference, serviceMetric } from "./metric.ts";
import { refuse } from "./property-checks.ts";
import { grantRead } from "./read-grant.ts";
import type { ArnReference, RoleReference } from "./references.ts";
import { secretTags } from "./secret-tags.ts";
import type { ServiceOfKeys } from "./service.ts";
import { deployedTagsProblems } from "./tags-after-aspects.ts";
import { KeyturnApiKey } from "./terraform/keyturn-api-key.ts";
import type { VendorConnection } from "./vendor-connection.ts";
import { checkOverlap } from "./way-to-workloads.ts";

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
 * What a key of any vendor is made of, in this order: the secret with the declaration in its tags, the key in it, the
 * rotation. A destroy goes the same way back: the rotation stops, every generation is revoked, the secret goes.
 */
export class ApiKey extends Construct implements IApiKey {
  readonly secretName: string;
  readonly secretArn: string;
  /** The Terraform resource of the secret. */
  readonly secret: SecretsmanagerSecret;
  /** The Terraform resource `keyturn_api_key`, with the facts that the service tells of the key. */
  readonly resource: KeyturnApiKey;
  readonly #service: ServiceOfKeys;
  readonly #settings: KeySettings;
  readonly #targets: KeyTarget[] = [];
  readonly #encryptionKey: ArnReference | undefined;

  constructor(scope: Construct, id: string, vendorName: string, access: Access, props: ApiKeyProps) {
    super(scope, id);
    checkVendor(this, vendorName, props.vendor);
    const settings = keySettings(this.node.path, access, props);
    const { service } = props.vendor;
    this.#service = service;
    this.#settings = settings;
    this.secretName = settings.secretName;
    service.takeKey(this.node.path, { name: settings.declaration.name, secretName: this.secretName });
    props.vendor.serve(this.node.path, settings.declaration, this.secretName);
    this.#encryptionKey = settings.encryptionKey;
    if (this.#encryptionKey) service.useEncryptionKey(this.#encryptionKey);
    this.secret = this.#makeSecret(settings, props.description ?? describe(vendorName, settings));
    this.node.addValidation({ validate: () => deployedTagsProblems(this.secret, this.#tags()) });
    this.secretArn = this.secret.arn;
    this.resource = this.#makeKey(settings, props.vendor);
    this.#makeRotation(settings, props.vendor);
  }

  grantRead(role: RoleReference): void {
    const { secretName, secretArn } = this;
    grantRead(this, { secretName, secretArn, encryptionKey: this.#encryptionKey }, role);
  }

  metric(metric: Metric): MetricReference {
    return serviceMetric(this.#service.name, metric);
  }

  /**
   * Has each new value brought to a place where it is used, and the old one kept until it has arrived there.
   * @throws KeyturnError BAD_INPUT for a target that another key or target writes too, or that a value may need longer to
   * reach than the overlap lasts
   */
  addTarget(target: KeyTarget): void {
    const { declaration, cluster } = target;
    const where = this.node.path;
    if (cluster.service !== this.#service)
      refuse(
        where,
        `the target ${declaration.id} is in a cluster of the service ${cluster.service.name}; add the cluster to this key's own, ${this.#service.name}`,
      );
    if (this.#targets.some(({ declaration: { id } }) => id === declaration.id))
      refuse(where, `there is a target ${declaration.id} already; give each of the key's targets its own id (id: "…")`);
    const { overlapMs } = this.#settings.declaration;
    checkOverlap(where, overlapMs, this.#service.settings.reconcileIntervalMs, { id: declaration.id, way: target.way });
    const needed = cluster.serve(where, declaration, this.secretName);
    this.#targets.push(target);
    this.node.addValidation({
      validate: () => {
        warnOfEnvFrom(this, target);
        return [];
      },
    });
    this.secret.tags = this.#tags();
    // The rights first, or the first value finds none.
    this.resource.dependsOn = [...new Set([...(this.resource.dependsOn ?? []), ...needed.map(dependable)])];
  }

  #tags(): Record<string, string> {
    const { declaration, ownTags } = this.#settings;
    return secretTags(
      this.node.path,
      declaration,
      ownTags,
      this.#targets.map((target) => target.declaration),
    );
  }

  #makeSecret(settings: KeySettings, description: string): SecretsmanagerSecret {
    return new SecretsmanagerSecret(this, "Secret", {
      name: this.secretName,
      description,
      recoveryWindowInDays: settings.recoveryWindowInDays,
      tags: this.#tags(),
      ...(this.#encryptionKey ? { kmsKeyId: this.#encryptionKey.arn } : {}),
    });
  }

  #makeKey({ declaration, adoptKeyId, forceDestroy, timeouts }: KeySettings, vendor: VendorConnection): KeyturnApiKey {
    return new KeyturnApiKey(this, "Key", {
      provider: vendor.service.provider,
      secretId: this.secretArn,
      name: declaration.name,
      vendor: vendor.connection,
      ...accessFields(declaration.access),
      adoptKeyId,
      forceDestroy: forceDestroy || undefined,
      timeouts,
      // Another vendor or secret is another key: it works before this one is revoked.
      lifecycle: { createBeforeDestroy: true },
      dependsOn: [...vendor.service.dependencies],
    });
  }

  #makeRotation(settings: KeySettings, { service }: VendorConnection): void {
    new SecretsmanagerSecretRotation(this, "Rotation", {
      secretId: this.secretArn,
      rotationLambdaArn: service.functionOf("rotate").arn,
      // Or a changed schedule would mint a key for each secret at once.
      rotateImmediately: false,
      rotationRules: { automaticallyAfterDays: settings.rotateAfterDays },
      dependsOn: [...service.dependencies, this.resource],
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
