import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RateLimiter } from "../../../sandbox/vendors/rate-limit.ts";

const gaps = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 120 });

/** Times at which requests were allowed when they came with these gaps between them. */
const allowedTimes = (limiter: RateLimiter, gapsMs: readonly number[]): number[] => {
  let nowMs = 0;
  return gapsMs.flatMap((gapMs) => {
    nowMs += gapMs;
    return limiter.take("caller", nowMs) ? [nowMs] : [];
  });
};

describe("a sliding window", () => {
  test("never allows more than its limit in any span of its length", () => {
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 5 }), (gapsMs, limit) => {
        const times = allowedTimes(new RateLimiter([{ limit, durationMs: 100, kind: "sliding" }]), gapsMs);

        for (const endMs of times) {
          expect(times.filter((timeMs) => timeMs > endMs - 100 && timeMs <= endMs).length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  test("has room again exactly at the reset time that it tells", () => {
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 5 }), (gapsMs, limit) => {
        const limiter = new RateLimiter([{ limit, durationMs: 100, kind: "sliding" }]);
        const lastMs = gapsMs.reduce((sum, gapMs) => sum + gapMs, 0);
        allowedTimes(limiter, gapsMs);
        const { remaining, resetAtMs } = limiter.read("caller", lastMs);
        fc.pre(remaining === 0);

        expect(limiter.read("caller", resetAtMs - 1).remaining).toBe(0);
        expect(limiter.take("caller", resetAtMs)).toBe(true);
      }),
    );
  });
});

describe("a fixed window", () => {
  test("never allows more than its limit from one multiple of its length to the next", () => {
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 5 }), (gapsMs, limit) => {
        const times = allowedTimes(new RateLimiter([{ limit, durationMs: 100, kind: "fixed" }]), gapsMs);

        for (const timeMs of times) {
          const sameWindow = times.filter((other) => windowOf(other) === windowOf(timeMs));
          expect(sameWindow.length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });
});

const windowOf = (timeMs: number): number => Math.floor(timeMs / 100);

test("a refused request is not counted", () => {
  const limiter = new RateLimiter([{ limit: 1, durationMs: 100, kind: "sliding" }]);
  limiter.take("caller", 0);

  const refused = limiter.take("caller", 99);

  expect(refused).toBe(false);
  expect(limiter.take("caller", 100)).toBe(true);
});

test("callers don't share their room", () => {
  const limiter = new RateLimiter([{ limit: 1, durationMs: 100, kind: "fixed" }]);
  limiter.take("one", 0);

  expect(limiter.take("other", 0)).toBe(true);
});

test("of two exhausted windows the one that opens later is told", () => {
  const limiter = new RateLimiter([
    { limit: 1, durationMs: 100, kind: "fixed" },
    { limit: 1, durationMs: 1_000, kind: "fixed" },
  ]);
  limiter.take("caller", 0);

  expect(limiter.read("caller", 0).resetAtMs).toBe(1_000);
});

test("a limit that allows nothing is refused", () => {
  expect(() => new RateLimiter([{ limit: 0, durationMs: 100, kind: "fixed" }])).toThrow(/must be at least 1/);
  expect(() => new RateLimiter([])).toThrow(/at least one window/);
});
