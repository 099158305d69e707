import { timeText } from "../clock.ts";
import { deniedSinceMs, isPendingElsewhere, marks } from "../contracts/labels.ts";
import { METRICS } from "../contracts/metrics.ts";
import { mintsInVain } from "../rotation/in-vain.ts";
import { type Finding, NOTHING, type Wish } from "./finding.ts";
import type { ObservedKey } from "./observation.ts";
import { currentOf } from "./successor.ts";
import type { Pass } from "./version.ts";

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
