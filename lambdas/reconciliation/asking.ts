import { METRICS } from "../contracts/metrics.ts";
import type { Ground, Revoke } from "./action.ts";
import { isTimeAgain } from "./backoff.ts";
import { placeOf } from "./container-memory.ts";
import { type Finding, keeps, revokes } from "./finding.ts";
import type { Version } from "./version.ts";
import type { Whereabouts } from "./whereabouts.ts";

/** How long a key may live after its revocation was decided until a person is told to revoke it; what is compromised calls earlier. */
export const BY_HAND_MS = 3_600_000;

/**
 * Whether a revocation that was decided is asked for in this pass: it was not yet, as far as this container knows, or it is time again.
 * @param sinceMs when it was decided
 */
export const isTimeToAsk = ({ pass, key, versionId }: Version, sinceMs: number): boolean => {
  const { nowMs, asked } = pass.observation;
  const askedMs = asked?.get(placeOf(key.secret.arn, versionId));
  return askedMs === undefined || isTimeAgain(Math.max(sinceMs, askedMs), nowMs, pass.grants.reconcileInterval);
};

/** A revocation that was decided. */
interface Decided {
  readonly ground: Ground;
  readonly reason: string;
  readonly sinceMs: number;
}

/** Asks for a revocation, and looks at it, until it is confirmed: ever more rarely. A person hears of what lives on all the while. */
export const askUntilConfirmed = (
  version: Version,
  where: Extract<Whereabouts, { kind: "live" | "revoked" | "unlisted" }>,
  { ground, reason, sinceMs }: Decided,
  more: Pick<Revoke, "followUp" | "endsOverlap"> = {},
): Finding => {
  if (isTimeToAsk(version, sinceMs))
    return revokes(version, where, ground, reason, { isGone: where.kind === "revoked", ...more });
  const isLong = where.kind === "live" && version.pass.observation.nowMs >= sinceMs + BY_HAND_MS;
  return keeps(version, where, {
    state: "revoking",
    reason: `${reason}; its revocation is not confirmed yet`,
    ...(isLong ? { metric: METRICS.revokeByHand } : {}),
  });
};
