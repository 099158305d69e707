import type { TargetCode, TargetResult } from "../contracts/distribute.ts";
import { KeyturnError } from "../errors.ts";
import { redactText } from "../redacted.ts";
import type { TargetState } from "../targets/target.ts";
import { TargetError } from "../targets/target-error.ts";
import type { RequestedSecret } from "./prepare.ts";

/** Codes that need somebody, or that say that a try has failed. The others say that time or an `apply` will do. */
const ON_ITS_WAY: ReadonlySet<TargetCode> = new Set(["ROLLING", "WAITING", "BEHIND", "SUPERSEDED"]);

export const isFailure = ({ code }: Pick<TargetResult, "code">): boolean => code !== undefined && !ON_ITS_WAY.has(code);

const codeOf = (error: unknown): TargetCode => {
  if (error instanceof TargetError) return error.code;
  if (error instanceof KeyturnError && (error.code === "NOT_GRANTED" || error.code === "BAD_INPUT")) return error.code;
  return "FAILED";
};

/** What went wrong, in words without any key. Never empty, which an answer could not hold. */
export const reasonOf = (error: unknown): string => (error instanceof Error && redactText(error.message)) || "unknown";

/** How a target stands of which nothing is known but what went wrong. */
export const failedState = (error: unknown): TargetState => ({
  adopted: false,
  code: codeOf(error),
  reason: reasonOf(error),
});

export const resultOf = ({ arn, versionId }: RequestedSecret, id: string, state: TargetState): TargetResult => {
  const { adopted, code, reason, behind, note, sinceMs } = state;
  return {
    arn,
    id,
    versionId,
    adopted,
    ...(code === undefined ? {} : { code }),
    ...(reason === undefined ? {} : { reason }),
    ...(behind ? { behind } : {}),
    ...(note === undefined ? {} : { note }),
    ...(sinceMs === undefined ? {} : { since: new Date(sinceMs).toISOString() }),
  };
};
