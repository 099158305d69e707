import type { Clock } from "../../lambdas/clock.ts";

/** A timer of Node's that is longer than 2^31 - 1 ms (24.8 days) ends at once. */
const LONGEST_SLEEP_MS = 20 * 86_400_000;

export interface DueAlarm {
  /** To be called when something may have become due earlier than was known. */
  reconsider(dueMs: number): void;
  /** No further call of `fire`; the sleep that has begun ends at once. */
  close(): void;
}

/**
 * Calls `fire` when the earliest due time has come. There is one sleep at a time, of 20 days at the most.
 * @param earliestDueMs the earliest time at which anything is due; Infinity: nothing is
 */
export function createDueAlarm(options: { clock: Clock; earliestDueMs: () => number; fire: () => void }): DueAlarm {
  const { clock, earliestDueMs, fire } = options;
  let closed = false;
  let sleep = new AbortController();
  let armedForMs = Number.POSITIVE_INFINITY;

  const arm = (dueMs: number): void => {
    armedForMs = dueMs;
    sleep.abort();
    if (closed || dueMs === Number.POSITIVE_INFINITY) return;
    const mine = new AbortController();
    sleep = mine;
    clock.sleep(Math.max(0, Math.min(dueMs - clock.now(), LONGEST_SLEEP_MS)), mine.signal).then(() => {
      if (!mine.signal.aborted) wake();
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
      sleep.abort();
    },
  };
}
