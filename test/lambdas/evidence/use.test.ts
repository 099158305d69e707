import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Probe, proofOf, type Reporting, reportedUntilMs, reportingOf } from "../../../lambdas/evidence/use.ts";
import type { VendorKey } from "../../../lambdas/vendors/vendor.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The end of a time in which a key shows no use. */
const QUIET_END_MS = Date.UTC(2026, 10, 22, 14);
const DELAYS = { reportingDelay: 5 * MINUTE_MS, skew: 5 * MINUTE_MS };
const LATE_MS = DELAYS.reportingDelay + DELAYS.skew;

const key = (lastUse: VendorKey["lastUse"], more: Partial<VendorKey> = {}): VendorKey => ({
  id: "key_1",
  name: "web",
  active: true,
  lastUse,
  ...more,
});

describe("what a listing shows of calls", () => {
  test.each<[string, VendorKey[], number | undefined]>([
    ["nothing", [], undefined],
    ["no use", [key("never"), key("not told"), key("not understood")], undefined],
    ["the newest use, whosever", [key(QUIET_END_MS), key(QUIET_END_MS + 1), key("never")], QUIET_END_MS + 1],
    ["none of a revoked key", [key(QUIET_END_MS, { active: false })], undefined],
    ["a day from its beginning on", [key(QUIET_END_MS, { lastUseSpanMs: DAY_MS })], QUIET_END_MS - DAY_MS],
  ])("reaches to: %s", (_, keys, untilMs) => {
    expect(reportedUntilMs(keys)).toBe(untilMs);
    expect(reportingOf(keys).reportedUntilMs).toBe(untilMs);
  });

  test("is as coarse as the form that the newest came in", () => {
    const day = key(QUIET_END_MS, { lastUseSpanMs: DAY_MS });
    expect(reportingOf([day, key(QUIET_END_MS - 2 * DAY_MS)]).reportedSpanMs).toBe(DAY_MS);
    expect(reportingOf([day, key(QUIET_END_MS)]).reportedSpanMs).toBeUndefined();
  });
});

/** From when on a call of ours proves it, if it is reported: clocks may differ. */
const PROBED_MS = QUIET_END_MS + DELAYS.skew;
const probe = (atMs: number, answer: Probe["answer"] = "alive"): Probe => ({ atMs, keyId: "key_1", answer });
const reporting = (untilMs: number | undefined, one?: Probe): Reporting => ({ reportedUntilMs: untilMs, probe: one });

describe("that a key was not used is", () => {
  test.each<[string, Reporting, number, string]>([
    ["proven by a call at that time or later", reporting(QUIET_END_MS), QUIET_END_MS, "proven"],
    ["not by one before", reporting(QUIET_END_MS - 1), QUIET_END_MS, "not asked"],
    ["not by none", reporting(undefined), QUIET_END_MS, "not asked"],
    ["not by a call of ours before", reporting(undefined, probe(QUIET_END_MS - 1)), QUIET_END_MS + DAY_MS, "not asked"],
    [
      "not by one that may be reported as before",
      reporting(undefined, probe(PROBED_MS - 1)),
      QUIET_END_MS + DAY_MS,
      "not asked",
    ],
    ["awaited until ours is reported", reporting(undefined, probe(PROBED_MS)), PROBED_MS + LATE_MS - 1, "awaited"],
    [
      "not understood where ours never is",
      reporting(undefined, probe(PROBED_MS)),
      PROBED_MS + LATE_MS,
      "standing still",
    ],
    [
      "not understood where it stands still",
      reporting(QUIET_END_MS - DAY_MS, probe(PROBED_MS)),
      PROBED_MS + LATE_MS,
      "standing still",
    ],
    [
      "as listed where ours was refused for its rights",
      reporting(undefined, probe(PROBED_MS, "limited")),
      PROBED_MS,
      "as listed",
    ],
    [
      "not by one of ours that was not answered as the vendor does",
      reporting(undefined, probe(PROBED_MS, "unclear")),
      PROBED_MS + LATE_MS,
      "not asked",
    ],
    [
      "proven where ours is reported, although it was refused",
      reporting(PROBED_MS, probe(PROBED_MS, "limited")),
      PROBED_MS + LATE_MS,
      "proven",
    ],
  ])("%s", (_, known, nowMs, proof) => {
    expect(proofOf(known, QUIET_END_MS, DELAYS, nowMs)).toBe(proof);
  });

  test("proven by a call of ours as soon as it is reported, by whichever clock, however late", () => {
    const skews = fc.integer({ min: -DELAYS.skew, max: DELAYS.skew });
    fc.assert(
      fc.property(skews, fc.nat(DAY_MS), fc.nat(DAY_MS), (aheadMs, laterMs, nowMs) => {
        const atMs = PROBED_MS + laterMs;
        const known = reporting(atMs + aheadMs, probe(atMs));
        expect(proofOf(known, QUIET_END_MS, DELAYS, atMs + nowMs)).toBe("proven");
      }),
    );
  });

  test("never proven by our call alone", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer(),
        fc.constantFrom("alive", "limited", "refused", "unclear"),
        (atMs, nowMs, answer) => {
          const known = reporting(QUIET_END_MS - 1, probe(atMs, answer));
          expect(proofOf(known, QUIET_END_MS, DELAYS, nowMs)).not.toBe("proven");
        },
      ),
    );
  });
});

describe("where the time of use is coarse", () => {
  const dayMs = Date.UTC(2026, 10, 22);
  const today: Reporting = { ...reporting(dayMs, probe(PROBED_MS)), reportedSpanMs: DAY_MS - 1 };
  const tomorrowMs = dayMs + DAY_MS + DELAYS.skew;
  const proof = (known: Reporting, nowMs: number, delays: Parameters<typeof proofOf>[2] = DELAYS) =>
    proofOf(known, QUIET_END_MS, delays, nowMs);

  test("a call of ours on a day that is shown already is awaited, and made again once the day is over", () => {
    expect(proof(today, PROBED_MS + LATE_MS)).toBe("awaited");
    expect(proof(today, tomorrowMs - 1)).toBe("awaited");
    expect(proof(today, tomorrowMs)).toBe("not asked");
  });

  test("one on a later day that is not shown is not understood", () => {
    const again = { ...today, probe: probe(tomorrowMs) };
    expect(proof(again, tomorrowMs + LATE_MS)).toBe("standing still");
    expect(proof({ ...again, reportedUntilMs: dayMs + DAY_MS }, tomorrowMs + LATE_MS)).toBe("proven");
  });

  test("a vendor that moves it on once an hour need not show a call of ours within the hour", () => {
    const hourly = { ...DELAYS, lastUseResolution: HOUR_MS };
    const usedMs = QUIET_END_MS - 10 * MINUTE_MS;
    const known = reporting(usedMs, probe(PROBED_MS));
    const movesMs = usedMs + HOUR_MS + DELAYS.skew;
    expect(proof(known, PROBED_MS + LATE_MS, hourly)).toBe("awaited");
    expect(proof(known, movesMs + 1, hourly)).toBe("not asked");
    expect(proof({ ...known, probe: probe(movesMs + 1) }, movesMs + 1 + LATE_MS, hourly)).toBe("standing still");
    expect(proof(known, PROBED_MS + LATE_MS)).toBe("standing still");
  });

  test("a vendor that shows no use at all is not understood all the same", () => {
    const hourly = { ...DELAYS, lastUseResolution: HOUR_MS };
    expect(proof(reporting(undefined, probe(PROBED_MS)), PROBED_MS + LATE_MS, hourly)).toBe("standing still");
  });
});
