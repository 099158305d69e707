import { DefaultTokenResolver, StringConcat, Tokenization } from "cdktf";
import type { IConstruct } from "constructs";

/** A value as it is written for Terraform: what only a deploy knows is a reference, `${aws_kms_key.topic.arn}`. */
export const resolved = (scope: IConstruct, value: unknown): unknown =>
  Tokenization.resolve(value, { scope, resolver: new DefaultTokenResolver(new StringConcat()), preparing: false });
