import { timeText } from "../clock.ts";
import type { Declaration } from "../contracts/declaration.ts";
import type { Connection } from "../contracts/grants.ts";
import { type Proof, proofOf, type Reporting } from "../evidence/use.ts";
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
  /** What is known of the vendor's reporting of uses. */
  readonly reporting: Reporting;
  readonly declaration: Pick<Declaration, "overlapMs" | "quietMs" | "deadlineMs" | "onDeadline">;
  readonly connection: Pick<Connection, "reportingDelay" | "skew" | "lastUseResolution">;
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
  /** Nothing but the proof is missing that the vendor's reporting moves: a call of our own would show it. */
  readonly needsProof: boolean;
  /** A call of ours that would show it may still be reported. */
  readonly awaitsProof: boolean;
  /** What the vendor says of its use is not understood: only a person ends that, or the deadline where it revokes. */
  readonly notUnderstood: boolean;
}

/** Why a key stays whose time is over; `undefined`: it does not. */
type Stay = Pick<RetirementVerdict, "reason"> &
  Partial<Pick<RetirementVerdict, "needsProof" | "awaitsProof" | "notUnderstood">>;

const stayFor = (proof: Proof): Stay | undefined => {
  switch (proof) {
    case "proven":
    case "as listed":
      return undefined;
    case "not asked":
      return {
        reason: "the vendor lists no call since its quiet period, so that its reporting has to be tried first",
        needsProof: true,
      };
    case "awaited":
      return {
        reason: "the vendor lists no call since its quiet period, and may still report one of ours",
        awaitsProof: true,
      };
    case "standing still":
      return {
        reason:
          "the vendor does not report a call of ours that it answered, so that what it says of use is not understood",
        notUnderstood: true,
      };
  }
};

interface Times {
  readonly overlapEndMs: number;
  /** Since when nobody is to have used it. */
  readonly quietSinceMs: number;
  /** Until when no use of it is to be proven. */
  readonly quietEndMs: number;
  /** When that is to be seen, as late as reports and clocks may be. */
  readonly untilMs: number;
}

const timesOf = (facts: RetirementFacts, isTold: boolean): Times => {
  const { retiringSinceMs, lastUse, declaration, connection, adoption = NO_TARGETS } = facts;
  const overlapEndMs = retiringSinceMs + declaration.overlapMs;
  const adoptedMs = Math.max(retiringSinceMs, adoption.adopted ? (adoption.sinceMs ?? 0) : 0);
  const usedMs = typeof lastUse === "number" ? Math.max(lastUse, adoptedMs) : adoptedMs;
  const quietSinceMs = isTold ? usedMs : Math.max(overlapEndMs, usedMs);
  const quietEndMs = quietSinceMs + declaration.quietMs;
  const lateMs = connection.reportingDelay + connection.skew + (connection.lastUseResolution ?? 0);
  return { overlapEndMs, quietSinceMs, quietEndMs, untilMs: Math.max(overlapEndMs, quietEndMs + lateMs) };
};

const quietReason = ({ lastUse }: RetirementFacts, { quietSinceMs, untilMs }: Times, isTold: boolean): string => {
  if (!isTold) return `the vendor gives no last use, so a margin is kept until ${timeText(untilMs)}`;
  const what = quietSinceMs === lastUse ? "last used" : "replaced";
  return `${what} at ${timeText(quietSinceMs)}, so that it is quiet at ${timeText(untilMs)} at the earliest`;
};

const NOT_UNDERSTOOD: Stay = { reason: "what the vendor says of its last use is not understood", notUnderstood: true };

const stayOf = (facts: RetirementFacts, times: Times, isTold: boolean): Stay | undefined => {
  const { lastUse, reporting, connection, nowMs, adoption = NO_TARGETS } = facts;
  if (nowMs < times.overlapEndMs) return { reason: `its overlap ends at ${timeText(times.overlapEndMs)}` };
  if (!adoption.adopted) return { reason: adoption.reason };
  if (lastUse === "not understood") return NOT_UNDERSTOOD;
  if (nowMs < times.untilMs) return { reason: quietReason(facts, times, isTold) };
  return isTold ? stayFor(proofOf(reporting, times.quietEndMs, connection, nowMs)) : undefined;
};

/**
 * Whether a replaced generation may be revoked: when its overlap is over, every target has adopted the new one, and the
 * vendor has seen no use for the quiet period since, plus what its reports and clocks may be late; and it is proven that its reports
 * move. Where the vendor gives no evidence of use, the same time is kept after the overlap as a margin.
 */
export const retirementVerdict = (facts: RetirementFacts): RetirementVerdict => {
  const { retiringSinceMs, lastUse, reporting, connection, declaration, nowMs } = facts;
  const listed = timesOf(facts, true);
  const isListedAlone = proofOf(reporting, listed.quietEndMs, connection, nowMs) === "as listed";
  const isTold = lastUse !== "not told" && !isListedAlone;
  const times = isTold ? listed : timesOf(facts, false);
  const stay = stayOf(facts, times, isTold);
  const pastDeadline = nowMs >= retiringSinceMs + declaration.deadlineMs;
  const rest = {
    untilMs: times.untilMs,
    pastDeadline,
    needsProof: stay?.needsProof ?? false,
    awaitsProof: stay?.awaitsProof ?? false,
    notUnderstood: stay?.notUnderstood ?? false,
  };
  if (!stay) return { ...rest, retire: true, reason: "unused since its overlap" };
  const retire = pastDeadline && declaration.onDeadline === "revoke";
  return { ...rest, retire, reason: retire ? `past its deadline, although ${stay.reason}` : stay.reason };
};
