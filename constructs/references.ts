import { type TerraformProvider, Token } from "cdktf";
import type { Node } from "constructs";
import { received, refuse } from "./property-checks.ts";

/*
 * What the constructs ask of resources that others declare. An `IamRole`, `KmsKey` or `SnsTopic` of
 * @cdktf/provider-aws fits, and so does a literal.
 */

/** Something that is known by its ARN: an SNS topic, a policy. */
export interface ArnReference {
  readonly arn: string;
}

/** A KMS key, by its ARN or by an alias that knows its key: a `KmsKey`, a `KmsAlias`, a `DataAwsKmsAlias`. */
export interface KeyReference extends ArnReference {
  readonly targetKeyArn?: string;
}

/** An IAM role of the account that may be given a policy. */
export interface RoleReference {
  readonly name: string;
  readonly node?: Node;
  /** The AWS provider that makes it, which makes its policy, too. Not there: the stack's. */
  readonly provider?: TerraformProvider | undefined;
}

/** AWS: "Key ARN"; partitions are `aws`, `aws-cn`, `aws-us-gov` and others of that form. */
const KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/;

/**
 * A KMS key by the ARN of the key itself, which a policy needs: IAM takes no alias for a key.
 * @throws KeyturnError BAD_INPUT for a literal that is not a key's ARN
 */
export const keyReference = (
  where: string,
  property: string,
  reference: KeyReference | undefined,
): ArnReference | undefined => {
  if (reference === undefined) return undefined;
  const arn = reference.targetKeyArn ?? reference.arn;
  if (Token.isUnresolved(arn) || (typeof arn === "string" && KEY_ARN.test(arn))) return { arn };
  return refuse(
    where,
    `${property} must be a KMS key, by the ARN of the key (arn:aws:kms:…:key/…), since policies know no alias; received ${received(arn)}; for an alias give its construct (KmsAlias, DataAwsKmsAlias)`,
  );
};
