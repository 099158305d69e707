import type { TerraformProvider } from "cdktf";
import type { Node } from "constructs";

/*
 * What the constructs ask of resources that others declare. An `IamRole`, `KmsKey` or `SnsTopic` of
 * @cdktf/provider-aws fits, and so does a literal.
 */

/** Something that is known by its ARN: a KMS key, an SNS topic. */
export interface ArnReference {
  readonly arn: string;
}

/** An IAM role of the account that may be given a policy. */
export interface RoleReference {
  readonly name: string;
  readonly node?: Node;
  /** The AWS provider that makes it, which makes its policy, too. Not there: the stack's. */
  readonly provider?: TerraformProvider | undefined;
}
