/** So many requests in so much time. */
export interface RateWindow {
  readonly limit: number;
  readonly durationMs: number;
  /** `sliding`: the last `durationMs`, at any moment. `fixed`: from one multiple of `durationMs` since 1970 to the next. */
  readonly kind: "sliding" | "fixed";
}

/** Where a caller stands. */
export interface RateReading {
  readonly limit: number;
  readonly remaining: number;
  /** When room comes back: a fixed window's end; the oldest request leaving a sliding one. */
  readonly resetAtMs: number;
}

/** The requests of one caller in one window: their times (sliding), or their number since `startMs` (fixed). */
interface Tally {
  startMs: number;
  timesMs: number[];
  count: number;
}

const readSliding = (window: RateWindow, tally: Tally, nowMs: number): RateReading => {
  const firstInside = tally.timesMs.findIndex((timeMs) => timeMs > nowMs - window.durationMs);
  tally.timesMs.splice(0, firstInside === -1 ? tally.timesMs.length : firstInside);
  const remaining = Math.max(0, window.limit - tally.timesMs.length);
  return { limit: window.limit, remaining, resetAtMs: (tally.timesMs[0] ?? nowMs) + window.durationMs };
};

const readFixed = (window: RateWindow, tally: Tally, nowMs: number): RateReading => {
  const startMs = Math.floor(nowMs / window.durationMs) * window.durationMs;
  if (tally.startMs !== startMs) Object.assign(tally, { startMs, count: 0 });
  return {
    limit: window.limit,
    remaining: Math.max(0, window.limit - tally.count),
    resetAtMs: startMs + window.durationMs,
  };
};

const read = (window: RateWindow, tally: Tally, nowMs: number): RateReading =>
  window.kind === "sliding" ? readSliding(window, tally, nowMs) : readFixed(window, tally, nowMs);

const note = (window: RateWindow, tally: Tally, nowMs: number): void => {
  if (window.kind === "sliding") tally.timesMs.push(nowMs);
  else tally.count += 1;
};

/** The window that binds: the least room left; of two exhausted ones the one that opens later. */
const tightest = (readings: readonly RateReading[]): RateReading =>
  readings.reduce((first, second) => {
    if (first.remaining === 0 && second.remaining === 0) return second.resetAtMs > first.resetAtMs ? second : first;
    return second.remaining < first.remaining ? second : first;
  });

/** Counts requests per caller in one or more windows at once. Times are those of the vendor's clock. */
export class RateLimiter {
  readonly #windows: readonly RateWindow[];
  readonly #tallies = new Map<string, readonly Tally[]>();

  /** @throws RangeError without a window, or with a limit that allows nothing */
  constructor(windows: readonly RateWindow[]) {
    if (windows.length === 0) throw new RangeError("A rate limiter needs at least one window.");
    const bad = windows.find((window) => !(window.limit >= 1) || !(window.durationMs > 0));
    if (bad)
      throw new RangeError(
        `A rate limit of ${bad.limit} requests in ${bad.durationMs} ms allows nothing: both must be at least 1.`,
      );
    this.#windows = windows;
  }

  /** Where `caller` stands; undefined: somebody unknown, who has used nothing. */
  read(caller: string | undefined, nowMs: number): RateReading {
    return tightest(this.#each(caller, (window, tally) => read(window, tally, nowMs)));
  }

  /** Counts one request if every window has room for it. A refused request is not counted. */
  take(caller: string, nowMs: number): boolean {
    if (this.read(caller, nowMs).remaining === 0) return false;
    this.#each(caller, (window, tally) => note(window, tally, nowMs));
    return true;
  }

  #each<T>(caller: string | undefined, visit: (window: RateWindow, tally: Tally) => T): T[] {
    const fresh = () => this.#windows.map((): Tally => ({ startMs: 0, timesMs: [], count: 0 }));
    const tallies = (caller === undefined ? undefined : this.#tallies.get(caller)) ?? fresh();
    if (caller !== undefined) this.#tallies.set(caller, tallies);
    return this.#windows.flatMap((window, index) => {
      const tally = tallies[index];
      return tally ? [visit(window, tally)] : [];
    });
  }
}
