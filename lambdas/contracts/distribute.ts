import * as z from "zod/mini";
import { versionId } from "./rotate.ts";

const text = z.string().check(z.minLength(1));
const arn = z.string().check(z.startsWith("arn:"));

/** The most secrets that one invocation takes. */
export const MOST_SECRETS = 100;

/** The longest that one target may take, waiting and trying again included. An overlap counts it. */
export const LONGEST_TARGET_MS = 60_000;

/** What `distribute` is asked: to bring the targets of these secrets to a version (apply), or to say how they stand (observe). */
export const distributeEvent = z.object({
  action: z.enum(["apply", "observe"]),
  secrets: z.array(z.object({ arn, versionId })).check(z.minLength(1), z.maxLength(MOST_SECRETS)),
});
export type DistributeRequest = z.output<typeof distributeEvent>;
export type DistributeAction = DistributeRequest["action"];

/** Why a target has not adopted, by a name that stays the same. */
export const TARGET_CODES = [
  // On its way: time alone changes it.
  "ROLLING", // pods are being replaced
  "WAITING", // the value was written, and may not have reached everything yet
  // An `apply` changes it.
  "BEHIND", // it has another value, or a workload was not told of this one
  // Somebody has to do something.
  "STUCK", // pods are not being replaced, and will not be by themselves
  "MISSING", // a declared workload is not there
  "REPLACED", // something takes a workload's mark off, again and again or at once; the target may have adopted all the same
  "NOT_OURS", // what is to be written belongs to somebody else
  "CONFLICT", // another field manager holds what is to be written
  "IMMUTABLE", // the Secret is immutable
  "INVALID", // the API server refuses what was sent, for what it says
  "FORBIDDEN", // a right is missing
  "UNAUTHORIZED", // the cluster does not know who asks
  "NOT_FOUND", // a namespace, cluster or kind that is not there
  "BAD_ACCESS", // the cluster cannot be reached as it is granted: its kubeconfig, or EKS's answer
  "BAD_INPUT", // tags, or a stored value, that cannot be read
  "NOT_GRANTED", // the tags ask for what the service does not grant
  // The next try may do.
  "SUPERSEDED", // the version is not AWSCURRENT
  "CHANGED", // somebody else changed it at the same moment, again and again
  "RATE_LIMITED", // 429
  "UNAVAILABLE", // 5xx
  "UNREACHABLE", // no connection, or it broke
  "TIMEOUT", // no answer in time
  "NO_TIME", // not tried, as the function's time was over
  "FAILED", // anything else; the log has it
] as const;
export type TargetCode = (typeof TARGET_CODES)[number];

export const targetResult = z.object({
  arn,
  /** The target's id in the secret's tags. */
  id: z.string(),
  versionId,
  /** True: the target runs this version, which is AWSCURRENT, and its workloads have been rolled out with it. */
  adopted: z.boolean(),
  /** Why not; of a target that has adopted, what somebody has to see to. */
  code: z.optional(z.enum(TARGET_CODES)),
  reason: z.optional(text),
  /** An `apply` would change something; also of a target that has adopted, such as an old value to be dropped. */
  behind: z.optional(z.boolean()),
  /** What somebody should know of a target that is well. */
  note: z.optional(text),
  /** ISO 8601 UTC: before this it cannot have adopted, by what it shows. */
  since: z.optional(text),
});
export type TargetResult = z.output<typeof targetResult>;

/**
 * What `distribute` answers. A secret without targets has no entry; a target without entry has not adopted. A secret of which
 * not even the targets are known is in `failed`.
 */
export const distributeAnswer = z.object({
  targets: z.array(targetResult),
  failed: z._default(z.array(z.object({ arn, versionId, code: text, reason: text })), []),
});
export type DistributeAnswer = z.output<typeof distributeAnswer>;
