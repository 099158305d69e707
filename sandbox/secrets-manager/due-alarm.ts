import type { Clock } from "../../lambdas/clock.ts";

export interface DueAlarm {
  /** To be called when something may have become due earlier than was known. */
  reconsider(dueMs: number): void;
  /** No further call of `fire`; a sleep that has begun ends without effect. */
  close(): void;
}

/**
 * Calls `fire` when the earliest due time has come. One sleep at a time matters; it is cut into pieces of at most
 * `longestSleepMs`, because a sleep cannot be cancelled and a timer of Node's ends early past 24.8 days.
 * @param earliestDueMs the earliest time at which anything is due; Infinity: nothing is
 */
export function createDueAlarm(options: {
  clock: Clock;
  longestSleepMs: number;
  earliestDueMs: () => number;
  fire: () => void;
}): DueAlarm {
  const { clock, longestSleepMs, earliestDueMs, fire } = options;
  let closed = false;
  let armed = 0;
  let armedForMs = Number.POSITIVE_INFINITY;

  const arm = (dueMs: number): void => {
    armedForMs = dueMs;
    if (closed || dueMs === Number.POSITIVE_INFINITY) return;
    const mine = ++armed;
    clock.sleep(Math.max(0, Math.min(dueMs - clock.now(), longestSleepMs))).then(() => {
      if (!closed && mine === armed) wake();
    });
  };

  const wake = (): void => {
    armedForMs = Number.POSITIVE_INFINITY;
    if (earliestDueMs() <= clock.now()) fire();
    if (armedForMs === Number.POSITIVE_INFINITY) arm(earliestDueMs());
  };

  return {
    reconsider(dueMs) {
      if (dueMs < armedForMs) arm(dueMs);
    },
    close() {
      closed = true;
    },
  };
}
