import { timeText } from "../clock.ts";
import type { Declaration } from "../contracts/declaration.ts";
import type { Connection } from "../contracts/grants.ts";
import { isTold, type Trial, type Trials, trialOf } from "../evidence/trial.ts";
import { lateMsOf } from "../evidence/use.ts";
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
  /** Until when the vendor's list shows calls at all, whosever they are. */
  readonly reportedUntilMs: number | undefined;
  /** Our own calls with it. Not there: its vendor answers them with a refusal, of which nobody knows whether it counts as a use. */
  readonly trials?: Trials | undefined;
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
  /** Our own calls with it, and what they have shown; not there where none are made, or nothing of its use is told. */
  readonly trial?: Trial | undefined;
  /** What the vendor says of its use is not understood: only a person ends that, or the deadline where it revokes. */
  readonly notUnderstood: boolean;
}

/** Why a key stays whose time is over; `undefined`: it does not. */
type Stay = Pick<RetirementVerdict, "reason"> & Partial<Pick<RetirementVerdict, "notUnderstood" | "untilMs">>;

interface Times {
  readonly overlapEndMs: number;
  /** Since when everybody has the next one, as far as that is known. */
  readonly adoptedMs: number;
  /** Since when nobody is to have used it. */
  readonly quietSinceMs: number;
  /** Until when no use of it is to be proven. */
  readonly quietEndMs: number;
  /** When that is to be seen, as late as reports and clocks may be. */
  readonly untilMs: number;
}

const timesOf = (facts: RetirementFacts, isListed: boolean): Times => {
  const { retiringSinceMs, lastUse, declaration, connection, adoption = NO_TARGETS } = facts;
  const overlapEndMs = retiringSinceMs + declaration.overlapMs;
  const adoptedMs = Math.max(retiringSinceMs, adoption.adopted ? (adoption.sinceMs ?? 0) : 0);
  const usedMs = typeof lastUse === "number" ? Math.max(lastUse, adoptedMs) : adoptedMs;
  const quietSinceMs = isListed ? usedMs : Math.max(overlapEndMs, usedMs);
  const quietEndMs = quietSinceMs + declaration.quietMs;
  const untilMs = Math.max(overlapEndMs, quietEndMs + lateMsOf(connection));
  return { overlapEndMs, adoptedMs, quietSinceMs, quietEndMs, untilMs };
};

const quietReason = ({ lastUse }: RetirementFacts, { quietSinceMs, untilMs }: Times): string => {
  const what = quietSinceMs === lastUse ? "last used" : "replaced";
  return `${what} at ${timeText(quietSinceMs)}, so that it is quiet at ${timeText(untilMs)} at the earliest`;
};

const marginReason = ({ lastUse }: RetirementFacts, { untilMs }: Times): string => {
  const why = lastUse === "not told" ? "gives no last use" : "lists no call of anybody since its quiet period";
  return `the vendor ${why}, so a margin is kept until ${timeText(untilMs)}`;
};

const NOT_UNDERSTOOD: Stay = { reason: "what the vendor says of its last use is not understood", notUnderstood: true };

/** Whether the use that is listed is the call of ours. */
const isOurs = ({ trials, connection }: RetirementFacts, { quietSinceMs }: Times): boolean =>
  trials?.atMs !== undefined && quietSinceMs <= trials.atMs + connection.skew;

const stayFor = (trial: Trial, facts: RetirementFacts, times: Times): Stay | undefined => {
  const isQuiet = facts.nowMs >= times.untilMs || isOurs(facts, times);
  if (trial.kind === "due" && !isQuiet) return { reason: quietReason(facts, times) };
  switch (trial.kind) {
    case "proven":
      return undefined;
    case "due":
      return { reason: "its vendor has to show a call of ours with it, so that a call of others would be shown, too" };
    case "awaited":
      return {
        reason: `a call of ours with it has to stay the last one that its vendor shows until ${timeText(trial.untilMs)}`,
        untilMs: trial.untilMs,
      };
    case "used":
      return { reason: quietReason(facts, times) };
    case "standing still":
      return {
        reason:
          "its vendor did not show a call of ours with it in time that it had answered, so that what it says of use is not understood",
        notUnderstood: true,
      };
  }
};

const trialFor = (facts: RetirementFacts, { overlapEndMs, adoptedMs, quietEndMs }: Times): Trial | undefined => {
  const { lastUse, trials, declaration, connection, nowMs } = facts;
  if (!trials || !isTold(lastUse)) return undefined;
  const { quietMs } = declaration;
  const lateMs = lateMsOf(connection);
  const quietUntilMs = Math.max(quietEndMs, (trials.atMs ?? 0) + quietMs) + lateMs;
  const adoptedUntilMs = adoptedMs + quietMs + lateMs;
  const trial = trialOf({ ...trials, lastUse, quietMs, connection, overlapEndMs, quietUntilMs, nowMs });
  // Targets may have adopted since.
  return trial.kind === "proven" && nowMs < adoptedUntilMs ? { kind: "awaited", untilMs: adoptedUntilMs } : trial;
};

const stayOf = (facts: RetirementFacts, listed: Times, times: Times, trial?: Trial): Stay | undefined => {
  const { lastUse, nowMs, adoption = NO_TARGETS } = facts;
  if (nowMs < times.overlapEndMs) return { reason: `its overlap ends at ${timeText(times.overlapEndMs)}` };
  if (!adoption.adopted) return { reason: adoption.reason };
  if (lastUse === "not understood") return NOT_UNDERSTOOD;
  if (trial) return stayFor(trial, facts, listed);
  if (lastUse !== "not told" && nowMs < listed.untilMs) return { reason: quietReason(facts, listed) };
  return nowMs < times.untilMs ? { reason: marginReason(facts, times) } : undefined;
};

/**
 * Whether a replaced generation may be revoked: when its overlap is over, every target has adopted the new one, and the
 * vendor has seen no use for the quiet period since, plus what its reports and clocks may be late; and calls of ours with it have shown that
 * it would have been seen. Where the vendor gives no evidence of use, the same time is kept after the overlap as a margin.
 */
export const retirementVerdict = (facts: RetirementFacts): RetirementVerdict => {
  const { retiringSinceMs, lastUse, trials, reportedUntilMs, declaration, nowMs } = facts;
  const listed = timesOf(facts, true);
  const isReported = trials !== undefined || (reportedUntilMs !== undefined && reportedUntilMs >= listed.quietEndMs);
  const times = lastUse !== "not told" && isReported ? listed : timesOf(facts, false);
  const trial = trialFor(facts, listed);
  const stay = stayOf(facts, listed, times, trial);
  const pastDeadline = nowMs >= retiringSinceMs + declaration.deadlineMs;
  const rest = {
    untilMs: Math.max(times.untilMs, stay?.untilMs ?? 0),
    pastDeadline,
    ...(trial ? { trial } : {}),
    notUnderstood: stay?.notUnderstood ?? false,
  };
  if (!stay) return { ...rest, retire: true, reason: "unused since its overlap" };
  const retire = pastDeadline && declaration.onDeadline === "revoke";
  return { ...rest, retire, reason: retire ? `past its deadline, although ${stay.reason}` : stay.reason };
};
