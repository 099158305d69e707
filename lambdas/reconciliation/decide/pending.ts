import { timeText } from "../../clock.ts";
import { CURRENT, isCompromised, marks, versionWith } from "../../contracts/labels.ts";
import { isStuck, pendingSinceMs } from "../observe/secrets.ts";
import type { Version } from "../observe/version.ts";
import { whereabouts } from "../observe/whereabouts.ts";
import { finishGivingUp } from "./abandoned.ts";
import { type Finding, keeps, NOTHING } from "./finding.ts";

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
