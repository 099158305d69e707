import { z } from "zod";
import { ServiceError } from "../service-error.ts";

/*
 * Written from the IAM user guide, "Grammar of the IAM JSON policy language" (reference_policies_grammar.html) and "IAM
 * JSON policy elements: Principal", as far as they concern the form of a resource policy.
 */

const PRINCIPAL = /^(\*|\d{12}|arn:aws[a-z-]*:(iam|sts)::\d{12}:.+|A(RO|ID)A[A-Z0-9]+)$/;

const oneOrMore = <Schema extends z.ZodType>(element: Schema) => z.union([element, z.array(element).min(1)]);

const action = z.string().regex(/^(\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+)$/);
const resource = z.string().regex(/^(\*|arn:.+)$/);
const awsPrincipal = z.string().regex(PRINCIPAL);

const principal = z.union([
  z.literal("*"),
  z
    .strictObject({
      AWS: oneOrMore(awsPrincipal).optional(),
      Service: oneOrMore(z.string().regex(/^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/)).optional(),
      Federated: oneOrMore(z.string().min(1)).optional(),
      CanonicalUser: oneOrMore(z.string().min(1)).optional(),
    })
    .refine((kinds) => Object.keys(kinds).length > 0),
]);

const conditionValue = oneOrMore(z.union([z.string(), z.number(), z.boolean()]));

const statement = z
  .strictObject({
    Sid: z
      .string()
      .regex(/^[a-zA-Z0-9 ]*$/)
      .optional(),
    Effect: z.enum(["Allow", "Deny"]),
    Principal: principal.optional(),
    NotPrincipal: principal.optional(),
    Action: oneOrMore(action).optional(),
    NotAction: oneOrMore(action).optional(),
    Resource: oneOrMore(resource).optional(),
    NotResource: oneOrMore(resource).optional(),
    Condition: z.record(z.string(), z.record(z.string(), conditionValue)).optional(),
  })
  .refine((fields) => ["Principal", "Action", "Resource"].every((name) => hasOneOf(fields, name)), {
    error: "each statement has one of Principal and NotPrincipal, of Action and NotAction, of Resource and NotResource",
  });

const hasOneOf = (fields: object, name: string): boolean =>
  Object.hasOwn(fields, name) !== Object.hasOwn(fields, `Not${name}`);

const document = z.strictObject({
  Version: z.enum(["2012-10-17", "2008-10-17"]).optional(),
  Id: z.string().optional(),
  Statement: oneOrMore(statement),
});

export type PolicyStatement = z.output<typeof statement>;

const malformed = (reason: string): ServiceError =>
  new ServiceError("MalformedPolicyDocumentException", `This policy has invalid syntax: ${reason}.`);

/**
 * Reads a resource policy.
 * @throws MalformedPolicyDocumentException when it is not JSON, or not of the form of a resource policy
 */
export function statementsOf(policy: string): readonly PolicyStatement[] {
  const { success, data, error } = document.safeParse(parsed(policy));
  if (success) return [data.Statement].flat();
  const [issue] = error.issues;
  throw malformed(issue === undefined ? "its form" : `${issue.path.join(".") || "the document"}: ${issue.message}`);
}

function parsed(policy: string): unknown {
  try {
    return JSON.parse(policy);
  } catch {
    throw malformed("it is not JSON");
  }
}
