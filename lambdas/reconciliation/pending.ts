import { timeText } from "../clock.ts";
import { CURRENT, isCompromised, marks, versionWith } from "../contracts/labels.ts";
import type { SecretFacts } from "../secrets.ts";
import { finishGivingUp } from "./abandoned.ts";
import { type Finding, keeps, NOTHING } from "./finding.ts";
import type { Version } from "./version.ts";
import { whereabouts } from "./whereabouts.ts";

/**
 * Since when a version is surely pending. AWS tells no time for a label. What it tells is when anything of the secret was
 * changed last, which was not before the label was put, and when the version was made, which for a rotation is when it was
 * asked for, whether it has a value or not. The later of the two never makes a rotation older than it is; every try that
 * changes something makes it young again.
 */
export const pendingSinceMs = (secret: SecretFacts, madeAtMs: number | undefined): number | undefined => {
  const known = [secret.lastChangedAtMs, madeAtMs].filter((time) => time !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
};

/** Whether a pending version counts as stuck, as far as it is known since when it is pending. */
export const isStuck = (
  secret: SecretFacts,
  madeAtMs: number | undefined,
  { nowMs, stuckAge }: { readonly nowMs: number; readonly stuckAge: number },
): boolean => {
  const sinceMs = pendingSinceMs(secret, madeAtMs);
  return sinceMs !== undefined && nowMs >= sinceMs + stuckAge;
};

const giveUp = ({ key, versionId }: Version, reason: string, stuckAgeMs?: number): Finding => {
  const age = stuckAgeMs === undefined ? {} : { stuckAgeMs };
  return { ...NOTHING, actions: [{ kind: "abandon", secretId: key.secret.arn, versionId, reason, ...age }] };
};

/** A version that was never current and has AWSPENDING: its rotation is under way, given up, or stuck. */
export const decidePending = (version: Version): Finding => {
  const { pass, key, labels } = version;
  const { secret } = key;
  if (marks("abandoned", labels).length > 0) return finishGivingUp(version);
  const where = whereabouts(version);
  const sinceMs = pendingSinceMs(secret, key.pendingMadeAtMs);
  const since = sinceMs === undefined ? "" : `, last changed at ${timeText(sinceMs)}`;
  const underWay = { state: "pending", reason: `its rotation is under way${since}` } as const;
  const lives = where.kind === "live" ? keeps(version, where, underWay).lives : [];
  if (secret.deletedAtMs !== undefined) return { actions: [], lives };
  if (isCompromised(labels)) return { ...giveUp(version, "it was compromised before it was current"), lives };
  const { nowMs } = pass.observation;
  const { stuckAge } = pass.grants;
  // Without a current version it is `ensure` that goes on with a pending one.
  const mayBeStuck = versionWith(secret.stages, CURRENT) !== undefined;
  if (mayBeStuck && isStuck(secret, key.pendingMadeAtMs, { nowMs, stuckAge }))
    return { ...giveUp(version, `its rotation is stuck${since}`, stuckAge), lives };
  return { actions: [], lives };
};
