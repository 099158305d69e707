import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { markLabel } from "../../../lambdas/contracts/labels.ts";
import { connectionsDue } from "../../../lambdas/reconciliation/observe/due.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../stand.ts";
import { type Given, NOW, observed } from "./observed.ts";

const INTERVAL = 5 * MINUTE_MS;

const isDue = (nowMs: number, labels: readonly string[] = [], request = {}, declaration: Given["declaration"] = {}) => {
  const { key } = observed({ stages: { v: labels }, listed: [], declaration });
  return connectionsDue([key], ["pictify"], request, nowMs, INTERVAL).has("pictify");
};

const retiringSince = (ms: number) => ["AWSPREVIOUS", markLabel("retiring", ms)];

/** The passes in the hour after `fromMs` at which the vendor is listed. */
const listedWithin = (fromMs: number, labels: readonly string[]) =>
  Array.from({ length: 12 }, (_, n) => fromMs + n * INTERVAL).filter((nowMs) => isDue(nowMs, labels)).length;

const QUIET_MINUTES = 20 * MINUTE_MS;

describe("a vendor is listed", () => {
  test("when nothing is due, at no pass away from the hour", () => {
    expect(isDue(NOW + QUIET_MINUTES)).toBe(false);
  });

  test("whenever somebody asks", () => {
    expect(isDue(NOW + QUIET_MINUTES, [], { revokeStrays: [] })).toBe(true);
    expect(isDue(NOW + QUIET_MINUTES, [], { only: [] })).toBe(true);
  });

  test("in every hour, however late the passes of a schedule are", () => {
    const late = fc.integer({ min: 0, max: 2 * MINUTE_MS + 29 * SECOND_MS });
    fc.assert(
      fc.property(fc.nat(DAY_MS), fc.array(late, { minLength: 40, maxLength: 40 }), (phaseMs, lateness) => {
        const passes = lateness.map((lateMs, n) => NOW + phaseMs + n * INTERVAL + lateMs);
        const listed = passes.filter((nowMs) => isDue(nowMs));
        const [first = 0] = passes;
        const firstHour = Math.ceil(first / HOUR_MS);
        const hours = [firstHour, firstHour + 1].map((hour) => hour * HOUR_MS);
        for (const hourMs of hours)
          expect(listed.some((nowMs) => nowMs >= hourMs && nowMs < hourMs + 1.5 * INTERVAL)).toBe(true);
      }),
    );
  });

  test("at the first pass after the end of an overlap", () => {
    const labels = retiringSince(NOW + QUIET_MINUTES - DAY_MS);
    expect(isDue(NOW + QUIET_MINUTES - 1, labels)).toBe(false);
    expect(isDue(NOW + QUIET_MINUTES, labels)).toBe(true);
    expect(isDue(NOW + QUIET_MINUTES + INTERVAL, labels)).toBe(true);
  });

  test("for a retirement that has to wait every 15 minutes, not at every pass", () => {
    const labels = retiringSince(NOW - 3 * DAY_MS);
    expect(listedWithin(NOW, labels)).toBeGreaterThanOrEqual(4);
    expect(listedWithin(NOW, labels)).toBeLessThanOrEqual(8);
  });

  test("at every pass for an overlap that is shorter than that", () => {
    const overlap = { overlapMs: MINUTE_MS };
    expect(isDue(NOW + QUIET_MINUTES, retiringSince(NOW - DAY_MS), {}, overlap)).toBe(true);
  });

  test("at every pass while a generation that was given up has a key to be revoked", () => {
    expect(isDue(NOW + QUIET_MINUTES, [markLabel("abandoned", NOW)])).toBe(true);
  });

  test("for no mark on a current version", () => {
    expect(isDue(NOW + QUIET_MINUTES, ["AWSCURRENT", ...retiringSince(NOW - 3 * DAY_MS)])).toBe(false);
  });
});
