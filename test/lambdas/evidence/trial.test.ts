import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Trials } from "../../../lambdas/evidence/trial.ts";
import { retirementVerdict } from "../../../lambdas/rotation/retirement.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OVERLAP = 24 * HOUR;
const QUIET = HOUR;
const LATE = 10 * MINUTE;

/** Moments at which the key is called, in order, and what a list says at a moment of a key with these calls. */
type Shows = (calls: readonly number[], nowMs: number) => number | "never";

const lastBefore = (calls: readonly number[], untilMs: number): number | "never" =>
  calls.findLast((atMs) => atMs <= untilMs) ?? "never";

const honest: Shows = (calls, nowMs) => lastBefore(calls, nowMs - MINUTE);

/** Looks every `everyMs` from the replacement on, and does what the verdict asks for. @returns when the key goes */
const retire = (
  shows: Shows,
  {
    uses = [],
    everyMs = 15 * MINUTE,
    hours = 120,
    own = true,
  }: { uses?: readonly number[]; everyMs?: number; hours?: number; own?: boolean },
): number | undefined => {
  const calls = [...uses];
  let trials: Trials = { isSecond: false };
  for (let nowMs = 0; nowMs < hours * HOUR; nowMs += everyMs) {
    const called = calls.filter((atMs) => atMs <= nowMs).sort((a, b) => a - b);
    const { retire: goes, trial } = retirementVerdict({
      retiringSinceMs: 0,
      lastUse: shows(called, nowMs),
      reportedUntilMs: nowMs,
      trials,
      declaration: { overlapMs: OVERLAP, quietMs: QUIET, deadlineMs: 14 * OVERLAP, onDeadline: "report" },
      connection: { reportingDelay: LATE / 2, skew: LATE / 2 },
      nowMs,
    });
    if (goes) return nowMs;
    const step = trial && "step" in trial ? trial.step : undefined;
    if (step === "note as unshown") trials = { isSecond: false, unshownMs: nowMs };
    else if (step !== undefined) {
      if (own) calls.push(nowMs);
      const isSecond = step === "second call";
      const { unshownMs } = trials;
      trials = { atMs: nowMs, isSecond, ...(isSecond || unshownMs === undefined ? {} : { unshownMs }) };
    }
  }
  return undefined;
};

const every = (periodMs: number, hours = 120): readonly number[] =>
  Array.from({ length: Math.floor((hours * HOUR) / periodMs) }, (_, n) => n * periodMs);

const behind =
  (lagMs: number): Shows =>
  (calls, nowMs) =>
    lastBefore(calls, nowMs - lagMs);

const WRONG: Readonly<Record<string, fc.Arbitrary<Shows>>> = {
  "is behind": fc.integer({ min: LATE + MINUTE, max: 30 * HOUR }).map(behind),
  "stands still since a moment": fc
    .integer({ min: 0, max: 60 * HOUR })
    .map((sinceMs) => (calls, nowMs) => lastBefore(calls, Math.min(nowMs, sinceMs))),
  "tells no use": fc.constant(() => "never"),
  "tells another zone's time": fc
    .integer({ min: 1, max: 14 })
    .chain((zone) => fc.constantFrom(zone, -zone))
    .map((zone) => (calls, nowMs) => {
      const shown = honest(calls, nowMs);
      return shown === "never" ? shown : Math.min(nowMs, shown + zone * HOUR);
    }),
  "moves on once in some hours": fc
    .integer({ min: 2 * HOUR + 20 * MINUTE, max: 12 * HOUR })
    .map((periodMs) => (calls, nowMs) => {
      let shown: number | "never" = "never";
      for (const atMs of calls) if (atMs <= nowMs && (shown === "never" || atMs >= shown + periodMs)) shown = atMs;
      return shown;
    }),
  "is an older one every other time": fc
    .integer({ min: HOUR, max: 12 * HOUR })
    .map(
      (lagMs) => (calls, nowMs) =>
        Math.floor(nowMs / (15 * MINUTE)) % 2 === 0 ? honest(calls, nowMs) : behind(lagMs)(calls, nowMs),
    ),
};

describe("a key in use is not retired, whatever list", () => {
  test.each(Object.entries(WRONG))("%s", (_, wrong) => {
    fc.assert(
      fc.property(
        wrong,
        fc.integer({ min: 1, max: 45 }),
        fc.constantFrom(5, 15, 60),
        (shows, usedEvery, lookedEvery) => {
          const uses = every(usedEvery * MINUTE).map((atMs) => atMs + 20_000);

          expect(retire(shows, { uses, everyMs: lookedEvery * MINUTE })).toBeUndefined();
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe("a key that nobody uses is retired", () => {
  test("when its overlap is over, where its vendor shows the two calls of ours", () => {
    const goneMs = retire(honest, {}) ?? Number.POSITIVE_INFINITY;

    expect(goneMs).toBeGreaterThanOrEqual(OVERLAP);
    expect(goneMs).toBeLessThanOrEqual(OVERLAP + HOUR);
  });

  test("two quiet periods after its last use, where that came after the first of the two", () => {
    const goneMs = retire(honest, { uses: every(5 * MINUTE, 30) }) ?? Number.POSITIVE_INFINITY;

    expect(goneMs).toBeGreaterThanOrEqual(30 * HOUR + QUIET);
    expect(goneMs).toBeLessThanOrEqual(30 * HOUR + 2 * (QUIET + LATE) + HOUR);
  });

  test("not while its vendor counts no call of ours", () => {
    expect(retire(honest, { own: false })).toBeUndefined();
  });

  test("when reports that stood still go on", () => {
    const stoodUntil = 40 * HOUR;
    const shows: Shows = (calls, nowMs) => (nowMs < stoodUntil ? lastBefore(calls, 10 * HOUR) : honest(calls, nowMs));

    expect(retire(shows, {})).toBeGreaterThan(stoodUntil);
  });
});
