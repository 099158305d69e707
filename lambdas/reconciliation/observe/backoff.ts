const MINUTE_MS = 60_000;
const OFTEN_MS = 15 * MINUTE_MS;
const RAREST_MINUTES = 256;

/**
 * True when a multiple of `periodMs` lies between the last pass and this one. It needs no memory; the window is half an
 * interval wider than a pass's distance, so that a late pass misses none.
 */
export const crossed = (nowMs: number, periodMs: number, intervalMs: number): boolean =>
  Math.floor(nowMs / periodMs) !== Math.floor((nowMs - 1.5 * intervalMs) / periodMs);

/** The power of two that is a quarter of an age or less, in minutes. */
const periodMs = (ageMs: number): number =>
  Math.min(RAREST_MINUTES, 2 ** Math.floor(Math.log2(ageMs / MINUTE_MS / 4))) * MINUTE_MS;

/**
 * Whether what did not work yet is tried again in this pass: in each for a quarter of an hour, then ever more rarely, at last about
 * every four hours. By the age of what was decided alone, so that it needs no memory.
 */
export const isTimeAgain = (sinceMs: number, nowMs: number, intervalMs: number): boolean => {
  const ageMs = nowMs - sinceMs;
  return ageMs < OFTEN_MS || crossed(ageMs, periodMs(ageMs), intervalMs);
};

const DAY_MS = 24 * 60 * MINUTE_MS;

/** How many tries at what has to be made are due by an age: each at thrice the age of the one before, then one a day. */
const triesDue = (ageMs: number, firstMs: number): number => {
  let tries = Math.max(0, Math.floor(ageMs / DAY_MS));
  for (let dueMs = firstMs; dueMs < DAY_MS && dueMs <= ageMs; dueMs *= 3) tries++;
  return tries;
};

/** Whether one more try has become due since the last pass, in a window as that of `crossed`. @param firstMs the age at the first one */
export const isNextTry = (ageMs: number, firstMs: number, intervalMs: number): boolean =>
  triesDue(ageMs, firstMs) > triesDue(ageMs - 1.5 * intervalMs, firstMs);
