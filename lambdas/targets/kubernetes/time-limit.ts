import type { Clock } from "../../clock.ts";

/** How much time something may take, and who may end it before. */
export interface Budget {
  readonly remainingMs: () => number;
  readonly signal: AbortSignal;
}

/**
 * Runs `work` with a signal that is aborted after `limitMs`, or when `signal` is.
 * @returns what the work returned; rejects as the work does
 */
export const withTimeLimit = async <Result>(
  clock: Clock,
  limitMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> => {
  const over = new AbortController();
  const abort = new AbortController();
  const stop = () => abort.abort();
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  void clock.sleep(limitMs, over.signal).then(() => {
    if (!over.signal.aborted) stop();
  });
  try {
    return await work(abort.signal);
  } finally {
    over.abort();
    signal.removeEventListener("abort", stop);
  }
};
