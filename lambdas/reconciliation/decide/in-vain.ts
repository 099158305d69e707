import { timeText } from "../../clock.ts";
import { CURRENT, deniedSinceMs, isPendingElsewhere, marks, versionWith } from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import { mintsInVain } from "../../rotation/in-vain.ts";
import type { ObservedKey } from "../observe/observation.ts";
import { type Pass, type Version, versionsOf } from "../observe/version.ts";
import { whereabouts } from "../observe/whereabouts.ts";
import { doing, type Finding, NOTHING, unlabelled, type Wish } from "./finding.ts";
import { currentOf } from "./successor.ts";

/** One that is over within this was of no consequence: nobody is called. */
const HOUR_MS = 3_600_000;

/** What was given up goes first, which may free the slot that the next mint needs; but not for longer than a rotation may be under way. */
const isGivingUp = ({ observation, grants }: Pass, { secret }: ObservedKey): boolean =>
  Object.values(secret.stages)
    .flatMap((labels) => marks("abandoned", labels))
    .some(({ atMs }) => observation.nowMs < atMs + grants.stuckAge);

/** Whether the current value is a key of Keyturn's, as far as that is known: who put another one says when the next rotation is. */
const isOurs = (pass: Pass, key: ObservedKey): boolean => {
  const where = currentOf({ pass, key });
  return where !== undefined && where.kind !== "empty" && where.kind !== "unknown";
};

const nextTry = (pass: Pass, key: ObservedKey, nextMs: number): Wish | undefined => {
  const { rotationEnabled, stages } = key.secret;
  const isTime = pass.observation.nowMs >= nextMs && rotationEnabled && !isPendingElsewhere(stages);
  if (!isTime || isGivingUp(pass, key) || !isOurs(pass, key)) return undefined;
  return { reason: "the last mints came to nothing, and one more is tried" };
};

/**
 * Mints that came to nothing since the current generation: one more is tried, after ever longer waits, and a person is told of those that
 * go on. Values that cannot be stored are told by `denied.ts`.
 */
export const decideInVain = (pass: Pass, key: ObservedKey): Finding => {
  const { secret } = key;
  const found = mintsInVain(secret.stages, pass.grants);
  if (!found || deniedSinceMs(secret.stages) !== undefined) return NOTHING;
  const { sinceMs, lastMs, nextMs } = found;
  const reason = `since ${timeText(sinceMs)} what is minted for it comes to nothing, last at ${timeText(lastMs)}; the log of rotate and manage says why. From ${timeText(nextMs)} on one more is tried; to have it tried now, rotate`;
  const goesOn = lastMs > sinceMs || pass.observation.nowMs >= sinceMs + HOUR_MS;
  const rotate = nextTry(pass, key, nextMs);
  return {
    lives: [],
    ...(rotate ? { rotate } : {}),
    actions: [
      {
        kind: "report",
        secretId: secret.arn,
        action: "mints.in-vain",
        facts: { secretName: secret.name, reason },
        ...(goesOn ? { metric: METRICS.driftFound } : {}),
      },
    ],
  };
};

/** Whether a generation has become current since, so that values are stored again. */
const isOver = (version: Version, sinceMs: number): boolean => {
  const { pass, key } = version;
  const currentId = versionWith(key.secret.stages, CURRENT);
  const current = versionsOf(pass, key).find(({ versionId }) => versionId === currentId);
  const where = current && whereabouts(current);
  const bornMs = where && "key" in where ? where.key.createdAtMs : undefined;
  return bornMs !== undefined && bornMs > sinceMs;
};

/** A rotation whose value Secrets Manager refused to store: a person is told until the next one is done, and none is started for it. */
export const decideDenied = (version: Version): Finding => {
  const { key, versionId, labels } = version;
  const sinceMs = deniedSinceMs({ [versionId]: labels }) ?? 0;
  const isLatest = sinceMs === deniedSinceMs(key.secret.stages);
  if (!isLatest || isOver(version, sinceMs))
    return doing(
      unlabelled(
        version,
        marks("denied", labels).map(({ label }) => label),
      ),
    );
  const reason = `since ${timeText(sinceMs)} Secrets Manager refuses to store its values; give the function the right, the one to its KMS key included, and rotate`;
  const facts = { secretName: key.secret.name, versionId, reason };
  return doing([
    { kind: "report", secretId: key.secret.arn, action: "store.denied", facts, metric: METRICS.driftFound },
  ]);
};
