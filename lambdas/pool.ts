import type { Clock } from "./clock.ts";

/** Runs `work` for each item, at most `width` at once, and gives the results in the order of the items. The first failure is thrown. */
export const inParallel = async <Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> => {
  const results: Result[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
};

/** Begins what it is given, at most `width` of it at once; what comes later waits for its turn. */
export type Turns = <Result>(work: () => Promise<Result>) => Promise<Result>;

export const turnsOf = (width: number): Turns => {
  let free = width;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => void waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
};

/**
 * What `work` returns, or `late()` when it has not come to its end after `limitMs`. The signal tells the work to stop; one that
 * does not is left behind.
 */
export const inTime = async <Result>(
  clock: Clock,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
  late: () => Result,
): Promise<Result> => {
  const stop = new AbortController();
  const done = new AbortController();
  const timeout = clock.sleep(Math.max(0, limitMs), done.signal).then(() => {
    stop.abort();
    return late();
  });
  try {
    return await Promise.race([work(stop.signal), timeout]);
  } finally {
    done.abort();
  }
};
