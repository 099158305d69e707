import { timeText } from "../../clock.ts";
import { CURRENT, isPendingElsewhere, versionWith } from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import type { ObservedKey } from "../observe/observation.ts";
import type { Pass } from "../observe/version.ts";
import { type Finding, NOTHING } from "./finding.ts";

const HOUR_MS = 3_600_000;
/** A deployment turns rotation on right after the first generation; a person who turned it off does so for longer. */
const TURNED_OFF_MS = 24 * HOUR_MS;

const report = (key: ObservedKey, reason: string, metric: (typeof METRICS)[keyof typeof METRICS]): Finding => ({
  ...NOTHING,
  actions: [
    {
      kind: "report",
      secretId: key.secret.arn,
      action: "rotation.overdue",
      facts: { secretName: key.secret.name, reason },
      metric,
    },
  ],
});

/** Rotations that should have happened: turned off, or past their date with none under way. */
export const decideOverdue = ({ observation, grants }: Pass, key: ObservedKey): Finding => {
  const { stages, rotationEnabled, nextRotationAtMs, lastChangedAtMs, createdAtMs } = key.secret;
  const { nowMs } = observation;
  if (versionWith(stages, CURRENT) === undefined) return NOTHING;
  if (!rotationEnabled) {
    const sinceMs = lastChangedAtMs ?? createdAtMs ?? nowMs;
    if (nowMs < sinceMs + TURNED_OFF_MS) return NOTHING;
    return report(key, "its rotation is turned off; a deploy turns it on again", METRICS.driftFound);
  }
  const isLate = nextRotationAtMs !== undefined && nowMs >= nextRotationAtMs + grants.stuckAge;
  // Every try changes something of the secret: a rotation that fails is not started again at every pass.
  const isQuiet = nowMs >= (lastChangedAtMs ?? 0) + HOUR_MS;
  if (!isLate || isPendingElsewhere(stages)) return NOTHING;
  const reason = `its rotation was due at ${timeText(nextRotationAtMs)} and is not under way`;
  return { ...report(key, reason, METRICS.rotationOverdue), ...(isQuiet ? { rotate: { reason } } : {}) };
};
