import { isCompromised, isRevoking } from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import { isAskedByPerson } from "../../contracts/reconcile.ts";
import { isTimeAgain } from "../observe/backoff.ts";
import { countedFromMs, placeOf } from "../observe/memory.ts";
import type { Version } from "../observe/version.ts";
import type { Whereabouts } from "../observe/whereabouts.ts";
import type { Ground, Revoke } from "./action.ts";
import { type Finding, keeps, revokes } from "./finding.ts";

/** How long a key may live after its revocation was decided until a person is told to revoke it; what is compromised calls earlier. */
export const BY_HAND_MS = 3_600_000;

/** The longest that a pass may run. */
export const LONGEST_PASS_MS = 300_000;

/**
 * Whether a revocation that was decided is asked for in this pass: it was not yet, as far as this container knows, or it is time again.
 * @param sinceMs when it was decided
 * @param freeMs from when on it could be asked for, so that a container that knows nothing goes by that; not there: nobody knows
 */
export const isTimeToAsk = (
  { pass, key, versionId, labels }: Version,
  sinceMs: number,
  freeMs = isRevoking(labels) && !isCompromised(labels) ? sinceMs : undefined,
): boolean => {
  const { nowMs, asked, askedLast } = pass.observation;
  const place = placeOf(key.secret.arn, versionId);
  const askedMs = asked?.get(place);
  // A pass that is repeated, or comes beside another one, does not ask once more.
  const isJustAsked =
    !isAskedByPerson(pass.request) &&
    nowMs - (askedLast?.get(place) ?? Number.NEGATIVE_INFINITY) < pass.grants.reconcileInterval / 2;
  if (isJustAsked) return false;
  // Another pass wrote it down and may be at it, or its container is gone: past a pass's longest time it is.
  const isAnothers =
    askedMs === undefined && nowMs - sinceMs < LONGEST_PASS_MS && isRevoking(labels) && !isCompromised(labels);
  if (isAnothers && !isAskedByPerson(pass.request)) return false;
  // It may only now have become free to go.
  if (askedMs === undefined && freeMs === undefined) return true;
  return isTimeAgain(countedFromMs(asked, place, freeMs ?? sinceMs), nowMs, pass.grants.reconcileInterval);
};

/** A revocation that was decided. */
interface Decided {
  readonly ground: Ground;
  readonly reason: string;
  readonly sinceMs: number;
  /** As `isTimeToAsk` has it. */
  readonly freeMs?: number;
}

/** Asks for a revocation, and looks at it, until it is confirmed: ever more rarely. A person hears of what lives on all the while. */
export const askUntilConfirmed = (
  version: Version,
  where: Extract<Whereabouts, { kind: "live" | "revoked" | "unlisted" }>,
  { ground, reason, sinceMs, freeMs }: Decided,
  more: Pick<Revoke, "followUp" | "endsOverlap"> = {},
): Finding => {
  if (isTimeToAsk(version, sinceMs, freeMs))
    return revokes(version, where, ground, reason, { isGone: where.kind === "revoked", ...more });
  const isLong = where.kind === "live" && version.pass.observation.nowMs >= sinceMs + BY_HAND_MS;
  return keeps(version, where, {
    state: "revoking",
    reason: `${reason}; its revocation is not confirmed yet`,
    ...(isLong ? { metric: METRICS.revokeByHand } : {}),
  });
};
