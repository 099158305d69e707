import { DataAwsSecretsmanagerSecret } from "@cdktf/provider-aws/lib/data-aws-secretsmanager-secret/index.js";
import { Construct } from "constructs";
import type { Metric } from "../lambdas/contracts/metrics.ts";
import { type SecretNameParts, secretNameParts } from "../lambdas/contracts/secret-name.ts";
import type { IApiKey } from "./api-key.ts";
import { type MetricReference, serviceMetric } from "./metric.ts";
import { received, refuse, textProperty } from "./property-checks.ts";
import { grantRead } from "./read-grant.ts";
import { type ArnReference, type KeyReference, keyReference, type RoleReference } from "./references.ts";

export interface ExistingApiKeyProps {
  /**
   * The KMS key that encrypts the secret.
   * @default AWS's own key for Secrets Manager
   */
  readonly encryptionKey?: KeyReference | undefined;
}

/** A key that another stack or app declares. A deploy looks its secret up, so it must be there by then. */
export class ExistingApiKey extends Construct implements IApiKey {
  readonly secretName: string;
  readonly secretArn: string;
  readonly #parts: SecretNameParts;
  readonly #encryptionKey: ArnReference | undefined;

  constructor(scope: Construct, id: string, secretName: string, props: ExistingApiKeyProps = {}) {
    super(scope, id);
    this.secretName = textProperty(this.node.path, "secretName", secretName);
    this.#parts = secretNameParts(this.secretName) ?? notOurs(this, this.secretName);
    this.#encryptionKey = keyReference(this.node.path, "encryptionKey", props.encryptionKey);
    this.secretArn = new DataAwsSecretsmanagerSecret(this, "Secret", { name: this.secretName }).arn;
  }

  grantRead(role: RoleReference): void {
    const { secretName, secretArn } = this;
    grantRead(this, { secretName, secretArn, encryptionKey: this.#encryptionKey }, role);
  }

  metric(metric: Metric): MetricReference {
    return serviceMetric(this.#parts.service, metric);
  }
}

const notOurs = (key: Construct, name: string): never =>
  refuse(
    key.node.path,
    `secretName must be that of a managed key, keyturn/<service>/<name> (not an ARN); received ${received(name)}`,
  );
