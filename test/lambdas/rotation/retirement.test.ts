import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RetirementFacts, retirementVerdict } from "../../../lambdas/rotation/retirement.ts";

const HOUR = 3_600_000;
const SINCE = Date.UTC(2026, 10, 1);
const facts = (over: Partial<RetirementFacts>): RetirementFacts => ({
  retiringSinceMs: SINCE,
  lastUse: "never",
  reportedUntilMs: SINCE + 1_000 * 24 * HOUR,
  declaration: { overlapMs: 24 * HOUR, quietMs: HOUR, deadlineMs: 14 * 24 * HOUR, onDeadline: "report" },
  connection: { reportingDelay: 300_000, skew: 300_000 },
  nowMs: SINCE,
  ...over,
});
const MARGIN = HOUR + 600_000;

describe("a replaced generation is retired", () => {
  test.each<[string, RetirementFacts["lastUse"], number]>([
    ["that was never used, when its overlap is over", "never", SINCE + 24 * HOUR],
    ["last used before its replacement, when its overlap is over", SINCE - HOUR, SINCE + 24 * HOUR],
    ["last used in its overlap, when it was quiet since", SINCE + 23.5 * HOUR, SINCE + 23.5 * HOUR + MARGIN],
    ["without evidence, a margin after its overlap", "not told", SINCE + 24 * HOUR + MARGIN],
  ])("%s", (_, lastUse, untilMs) => {
    expect(retirementVerdict(facts({ lastUse, nowMs: untilMs - 1 }))).toMatchObject({ retire: false, untilMs });
    expect(retirementVerdict(facts({ lastUse, nowMs: untilMs })).retire).toBe(true);
  });

  test("never before its overlap is over, and never within the quiet period of a use", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -HOUR, max: 100 * HOUR }),
        fc.integer({ min: 0, max: 20 * 24 * HOUR }),
        (use, now) => {
          const verdict = retirementVerdict(facts({ lastUse: SINCE + use, nowMs: SINCE + now }));
          if (verdict.retire) expect(now).toBeGreaterThanOrEqual(Math.max(24 * HOUR, use + MARGIN));
        },
      ),
    );
  });

  test("past its deadline only where the declaration says so", () => {
    const nowMs = SINCE + 14 * 24 * HOUR;
    const used = facts({ lastUse: nowMs - 60_000, nowMs });
    expect(retirementVerdict(used)).toMatchObject({ retire: false, pastDeadline: true });
    const declaration = { ...used.declaration, onDeadline: "revoke" } as const;
    expect(retirementVerdict({ ...used, declaration }).retire).toBe(true);
  });
});
