import { TAG_PREFIX } from "../lambdas/contracts/declaration.ts";

/** A statement of an IAM policy. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** The JSON of a policy with these statements; those without a resource are left out. */
export const policyDocument = (statements: readonly Statement[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements.filter(({ Resource }) => Resource.length > 0) });

/** The policy by which an AWS service may assume a role; `sourceAccount` limits it to calls for that account. */
export const trustPolicy = (principal: string, sourceAccount?: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: principal },
        Action: "sts:AssumeRole",
        ...(sourceAccount ? { Condition: { StringEquals: { "aws:SourceAccount": sourceAccount } } } : {}),
      },
    ],
  });

/** The condition that a secret carries the tag of a service. */
export const ofService = (service: string): NonNullable<Statement["Condition"]> => ({
  StringEquals: { [`secretsmanager:ResourceTag/${TAG_PREFIX}service`]: service },
});

/** The condition that a service of AWS uses the key: a region's own name for it, which in China ends in `.cn`. */
export const throughService = (service: string): NonNullable<Statement["Condition"]> => ({
  StringLike: { "kms:ViaService": [`${service}.*.amazonaws.com`, `${service}.*.amazonaws.com.cn`] },
});

/** The right to use KMS keys, through Secrets Manager alone. */
export const encryptionKeyUse = (keyArns: readonly string[], actions: readonly string[]): Statement => ({
  Sid: "UseEncryptionKeys",
  Effect: "Allow",
  Action: actions,
  Resource: keyArns,
  Condition: throughService("secretsmanager"),
});

/** The right to invoke functions. */
export const invocation = (functionArns: readonly string[]): Statement => ({
  Sid: "InvokeFunctions",
  Effect: "Allow",
  Action: ["lambda:InvokeFunction"],
  Resource: functionArns,
});
