/** The one source of time. Everything that waits or asks for the time does so through it, so that a test may own it. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number;
  /** Resolves after `durationMs` milliseconds, or as soon as `signal` is aborted. Never rejects. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/** A time in milliseconds since the Unix epoch as ISO 8601 UTC, as every contract, label and log has it. */
export const timeText = (ms: number): string => new Date(ms).toISOString();

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (durationMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(done, durationMs);
      function done() {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      }
      signal?.addEventListener("abort", done);
    }),
};
