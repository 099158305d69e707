import { CURRENT, isPendingElsewhere, PENDING, versionWith } from "../contracts/labels.ts";
import type { Invocation } from "../invocation.ts";
import { inParallel } from "../pool.ts";
import type { ObservedKey } from "./observation.ts";
import { isStuck } from "./pending.ts";

/** A fleet's secrets are not asked about one by one. */
const AT_ONCE = 10;

/** Whether nothing but the time at which its pending version was made keeps a rotation from being given up. */
const isTimeNeeded = ({ secret }: ObservedKey, nowMs: number, stuckAge: number): boolean => {
  const mayBeStuck = isPendingElsewhere(secret.stages) && versionWith(secret.stages, CURRENT) !== undefined;
  if (!mayBeStuck || secret.deletedAtMs !== undefined) return false;
  return secret.lastChangedAtMs === undefined || isStuck(secret, undefined, { nowMs, stuckAge });
};

interface SeenKeys {
  readonly keys: readonly ObservedKey[];
  readonly errors: readonly unknown[];
}

/**
 * Asks when a pending version was made, where all else says that it is stuck. Where that cannot be learned, the version counts
 * as just made, so that nothing is given up for want of knowledge, and the other secrets go on.
 */
export const withPendingTimes = async (
  { secrets, grants, log }: Invocation,
  observed: readonly ObservedKey[],
  nowMs: number,
): Promise<SeenKeys> => {
  const errors: unknown[] = [];
  const keys = await inParallel(observed, AT_ONCE, async (key) => {
    const { secret } = key;
    const pending = versionWith(secret.stages, PENDING);
    if (pending === undefined || !isTimeNeeded(key, nowMs, grants.stuckAge)) return key;
    try {
      const pendingMadeAtMs = (await secrets.versionTimes(secret.arn)).get(pending);
      return { ...key, ...(pendingMadeAtMs === undefined ? {} : { pendingMadeAtMs }) };
    } catch (error) {
      log.failure("versions.not-listed", error, { secretName: secret.name });
      errors.push(error);
      return { ...key, pendingMadeAtMs: nowMs };
    }
  });
  return { keys, errors };
};
