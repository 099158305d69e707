import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity/index.js";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition/index.js";
import { DataAwsRegion } from "@cdktf/provider-aws/lib/data-aws-region/index.js";
import { Construct } from "constructs";

/** The account and region that a service is deployed in, as Terraform finds them. */
export class Account extends Construct {
  readonly id: string;
  readonly region: string;
  readonly partition: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.id = new DataAwsCallerIdentity(this, "Identity").accountId;
    // Its id is the region's name in versions 5 and 6 of the provider; `name` and `region` are in one of them each.
    this.region = new DataAwsRegion(this, "Region").id;
    this.partition = new DataAwsPartition(this, "Partition").partition;
  }

  /** The ARN of a resource in this account. @param region by default the account's */
  arn(service: string, resource: string, region = this.region): string {
    return `arn:${this.partition}:${service}:${region}:${this.id}:${resource}`;
  }
}
