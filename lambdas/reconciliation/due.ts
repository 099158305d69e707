import { CURRENT, marks } from "../contracts/labels.ts";
import type { ReconcileRequest } from "../contracts/reconcile.ts";
import type { ObservedKey } from "./observation.ts";

const HOUR_MS = 3_600_000;
const BLOCKED_LOOK_MS = 15 * 60_000;

/**
 * True when a multiple of `periodMs` lies between the last pass and this one. It needs no memory; the window is half an
 * interval wider than a pass's distance, so that a late pass misses none.
 */
const crossed = (nowMs: number, periodMs: number, intervalMs: number): boolean =>
  Math.floor(nowMs / periodMs) !== Math.floor((nowMs - 1.5 * intervalMs) / periodMs);

/** A retirement is looked at when its overlap is just over, and then every 15 minutes, or every overlap if that is less. */
const retirementIsDue = (retiringSinceMs: number, overlapMs: number, nowMs: number, intervalMs: number): boolean => {
  const overlapEndMs = retiringSinceMs + overlapMs;
  if (nowMs < overlapEndMs) return false;
  return nowMs - overlapEndMs <= 1.5 * intervalMs || crossed(nowMs, Math.min(BLOCKED_LOOK_MS, overlapMs), intervalMs);
};

const keyIsDue = ({ secret, declaration }: ObservedKey, nowMs: number, intervalMs: number): boolean =>
  Object.values(secret.stages).some((labels) => {
    if (labels.includes(CURRENT)) return false;
    if (marks("abandoned", labels).length > 0) return true;
    return marks("retiring", labels).some(({ atMs }) =>
      retirementIsDue(atMs, declaration.overlapMs, nowMs, intervalMs),
    );
  });

/**
 * Which vendor connections are to be listed in this pass: those of which something is due, and every one about once an
 * hour. Listing costs the vendor's rate limit (Pictify's free plan allows 1,000 requests a day).
 */
export const connectionsDue = (
  keys: readonly ObservedKey[],
  connections: readonly string[],
  request: ReconcileRequest,
  nowMs: number,
  intervalMs: number,
): ReadonlySet<string> => {
  const asked = request.only !== undefined || request.revokeStrays !== undefined;
  if (asked || crossed(nowMs, HOUR_MS, intervalMs)) return new Set(connections);
  const due = keys.filter((key) => keyIsDue(key, nowMs, intervalMs)).map((key) => key.declaration.connection);
  return new Set(due);
};
