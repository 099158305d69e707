import type { Clock } from "../../lambdas/clock.ts";

export interface WorkloadCounts {
  readonly requests: number;
  readonly failures: number;
  /** Requests that were answered 429 and then waited for; they are no failures. */
  readonly throttled: number;
}

export interface WorkloadOptions {
  readonly clock: Clock;
  /** Reads the current key from the secret. */
  readonly readKey: () => Promise<string>;
  /** One request to the vendor with a key. */
  readonly request: (apiKey: string) => Promise<Response>;
  /** The time between two requests. */
  readonly everyMs: number;
  /** How long a key that was read is used before it is read again, as a caching client of Secrets Manager does. */
  readonly cacheMs: number;
  /** Told after every request, with the reason of one that failed. */
  readonly onCounts?: (counts: WorkloadCounts, failure?: string) => void;
}

export interface Workload {
  counts(): WorkloadCounts;
  /** Ends after the request that is under way. */
  stop(): Promise<void>;
}

const RETRY_AFTER_DEFAULT_MS = 1_000;

const retryAfterMs = (response: Response): number =>
  Number(response.headers.get("retry-after") ?? Number.NaN) * 1_000 || RETRY_AFTER_DEFAULT_MS;

/**
 * A program that lives on a key: it reads its secret, keeps it for a while, and calls its vendor with it all the time.
 * It does not read the secret again when it is refused: a 401 is a failure, and that there is none is the point.
 */
export const startWorkload = ({ clock, readKey, request, everyMs, cacheMs, onCounts }: WorkloadOptions): Workload => {
  const counts = { requests: 0, failures: 0, throttled: 0 };
  const stopping = new AbortController();
  let cached: { apiKey: string; readAtMs: number } | undefined;

  const key = async (): Promise<string> => {
    if (!cached || clock.now() - cached.readAtMs >= cacheMs)
      cached = { apiKey: await readKey(), readAtMs: clock.now() };
    return cached.apiKey;
  };

  const once = async (): Promise<void> => {
    const response = await request(await key());
    await response.arrayBuffer();
    if (response.status === 429) {
      counts.throttled++;
      return clock.sleep(retryAfterMs(response), stopping.signal);
    }
    counts.requests++;
    if (!response.ok) throw new Error(`answered ${response.status}`);
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await once();
        onCounts?.({ ...counts });
      } catch (error) {
        counts.failures++;
        onCounts?.({ ...counts }, error instanceof Error ? error.message : "unknown");
      }
      await clock.sleep(everyMs, stopping.signal);
    }
  };

  const running = run();
  return {
    counts: () => ({ ...counts }),
    async stop() {
      stopping.abort();
      await running;
    },
  };
};
