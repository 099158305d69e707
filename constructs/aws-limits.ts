/*
 * What AWS limits of all that a service and its keys deploy, each with the page that says so, as of November 2026.
 * Quotas that AWS raises on request are the defaults. Bytes are AWS's own: 1 KB is 1,024.
 */
const IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html";
const LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";
const SECRETS_MANAGER = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html";
const TAGS = "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html";
const SCHEDULER = "https://docs.aws.amazon.com/general/latest/gr/eventbridgescheduler.html";
const CREATE_SECRET = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html";

export interface AwsLimit {
  readonly most: number;
  /** What is counted: `characters`. */
  readonly unit: string;
  readonly page: string;
}

const limit = (most: number, unit: string, page: string): AwsLimit => ({ most, unit, page });

export const AWS_LIMITS = {
  /** All inline policies of a role together, white space not counted. */
  inlinePoliciesOfRole: limit(10_240, "characters", IAM),
  /** Default; up to 8,192. */
  trustPolicyOfRole: limit(2_048, "characters", IAM),
  roleName: limit(64, "characters", IAM),
  /** Default of an account. */
  roles: limit(1_000, "roles", IAM),
  functionName: limit(64, "characters", LAMBDA),
  /** All variables of a function, names and values. */
  environmentOfFunction: limit(4_096, "bytes", LAMBDA),
  /** All permissions of a function: who may invoke it. */
  resourcePolicyOfFunction: limit(20_480, "bytes", LAMBDA),
  /** Uploaded at once, as Terraform does. */
  zipOfFunction: limit(50 * 1_048_576, "bytes", LAMBDA),
  /** What a function that is waited for may answer. */
  answerOfFunction: limit(6 * 1_048_576, "bytes", LAMBDA),
  /** Of an account in a region. */
  secrets: limit(500_000, "secrets", SECRETS_MANAGER),
  secretName: limit(512, "characters", CREATE_SECRET),
  tagsOfSecret: limit(50, "tags", TAGS),
  tagKey: limit(128, "characters", TAGS),
  tagValue: limit(256, "characters", TAGS),
  /** Of an account in a region. */
  schedules: limit(1_000_000, "schedules", SCHEDULER),
} as const satisfies Readonly<Record<string, AwsLimit>>;

export type AwsLimitName = keyof typeof AWS_LIMITS;
