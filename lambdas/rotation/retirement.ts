import { timeText } from "../clock.ts";
import type { Declaration } from "../contracts/declaration.ts";
import type { Connection } from "../contracts/grants.ts";
import type { LastUse } from "../vendors/vendor.ts";

interface TargetsSeen {
  /** Which targets an `apply` would change, and what is wrong with them; also of a key whose targets have all adopted. */
  readonly behind?: string;
}

/** Whether every target of a key runs the generation that is current. */
export type Adoption =
  | (TargetsSeen & {
      readonly adopted: true;
      /** When the last target did, where that is known. */
      readonly sinceMs?: number;
    })
  | (TargetsSeen & {
      readonly adopted: false;
      readonly reason: string;
      /** Since when the current generation is on its way, where that is known. */
      readonly sinceMs?: number;
    });

/** The adoption of a key without targets. */
export const NO_TARGETS: Adoption = { adopted: true };

export interface RetirementFacts {
  readonly retiringSinceMs: number;
  readonly lastUse: LastUse;
  readonly declaration: Pick<Declaration, "overlapMs" | "quietMs" | "deadlineMs" | "onDeadline">;
  readonly connection: Pick<Connection, "reportingDelay" | "skew">;
  /** Not there: the key has no targets. */
  readonly adoption?: Adoption;
  readonly nowMs: number;
}

export interface RetirementVerdict {
  readonly retire: boolean;
  /** The first moment at which it may be retired, if nothing new is seen until then. */
  readonly untilMs: number;
  readonly reason: string;
  readonly pastDeadline: boolean;
}

/**
 * Whether a replaced generation may be revoked: when its overlap is over, every target has adopted the new one, and the
 * vendor has seen no use for the quiet period since, plus what its reports and clocks may be late. Where the vendor gives
 * no evidence of use, the same time is kept after the overlap as a margin.
 */
export const retirementVerdict = (facts: RetirementFacts): RetirementVerdict => {
  const { retiringSinceMs, lastUse, declaration, connection, nowMs } = facts;
  const marginMs = declaration.quietMs + connection.reportingDelay + connection.skew;
  const overlapEndMs = retiringSinceMs + declaration.overlapMs;
  const { adoption = NO_TARGETS } = facts;
  const adoptedMs = Math.max(retiringSinceMs, adoption.adopted ? (adoption.sinceMs ?? 0) : 0);
  const quietSinceMs = typeof lastUse === "number" ? Math.max(lastUse, adoptedMs) : adoptedMs;
  const quietEndMs = (lastUse === "unknown" ? Math.max(overlapEndMs, adoptedMs) : quietSinceMs) + marginMs;
  const untilMs = Math.max(overlapEndMs, quietEndMs);
  const pastDeadline = nowMs >= retiringSinceMs + declaration.deadlineMs;
  if (nowMs >= untilMs && adoption.adopted)
    return { retire: true, untilMs, reason: "unused since its overlap", pastDeadline };
  const reason =
    nowMs < overlapEndMs
      ? `its overlap ends at ${timeText(overlapEndMs)}`
      : !adoption.adopted
        ? adoption.reason
        : lastUse === "unknown"
          ? `the vendor gives no last use, so a margin is kept until ${timeText(untilMs)}`
          : `${quietSinceMs === lastUse ? "last used" : "replaced"} at ${timeText(quietSinceMs)}, so that it is quiet at ${timeText(untilMs)} at the earliest`;
  const retire = pastDeadline && declaration.onDeadline === "revoke";
  return { retire, untilMs, reason: retire ? `past its deadline, although ${reason}` : reason, pastDeadline };
};
