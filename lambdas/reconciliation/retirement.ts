import type { Declaration } from "../contracts/declaration.ts";
import type { Connection } from "../contracts/grants.ts";
import type { LastUse } from "../vendors/vendor.ts";

export interface RetirementFacts {
  readonly retiringSinceMs: number;
  readonly lastUse: LastUse;
  readonly declaration: Pick<Declaration, "overlapMs" | "quietMs" | "deadlineMs" | "onDeadline">;
  readonly connection: Pick<Connection, "reportingDelay" | "skew">;
  readonly nowMs: number;
}

export interface RetirementVerdict {
  readonly retire: boolean;
  /** The first moment at which it may be retired, if nothing new is seen until then. */
  readonly untilMs: number;
  readonly reason: string;
  readonly pastDeadline: boolean;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * Whether a replaced generation may be revoked: when its overlap is over, and the vendor has seen no use for the quiet
 * period, plus what its reports and clocks may be late. Where the vendor gives no evidence of use, the same time is kept
 * after the overlap as a margin.
 */
export const retirementVerdict = (facts: RetirementFacts): RetirementVerdict => {
  const { retiringSinceMs, lastUse, declaration, connection, nowMs } = facts;
  const marginMs = declaration.quietMs + connection.reportingDelay + connection.skew;
  const overlapEndMs = retiringSinceMs + declaration.overlapMs;
  const quietSinceMs = typeof lastUse === "number" ? Math.max(lastUse, retiringSinceMs) : retiringSinceMs;
  const quietEndMs = (lastUse === "unknown" ? overlapEndMs : quietSinceMs) + marginMs;
  const untilMs = Math.max(overlapEndMs, quietEndMs);
  const pastDeadline = nowMs >= retiringSinceMs + declaration.deadlineMs;
  if (nowMs >= untilMs) return { retire: true, untilMs, reason: "unused since its overlap", pastDeadline };
  const reason =
    nowMs < overlapEndMs
      ? `its overlap ends at ${iso(overlapEndMs)}`
      : lastUse === "unknown"
        ? `the vendor gives no last use, so a margin is kept until ${iso(untilMs)}`
        : `last used at ${iso(quietSinceMs)}, so that it is quiet at ${iso(untilMs)} at the earliest`;
  return { retire: pastDeadline && declaration.onDeadline === "revoke", untilMs, reason, pastDeadline };
};
