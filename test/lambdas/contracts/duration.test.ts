import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { durationMs, durationText } from "../../../lambdas/contracts/duration.ts";

describe("durations", () => {
  test.each([
    ["PT24H", 86_400_000],
    ["P14D", 1_209_600_000],
    ["P1W", 604_800_000],
    ["P1DT1H1M1.5S", 90_061_500],
    ["PT0.25S", 250],
  ])("%s is %i ms", (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test.each(["", "P", "PT", "24h", "P1Y", "P1M", "PT-1H", "pt1h", "PT1H ", "P1H"])("%j is no duration", (text) => {
    expect(durationMs(text)).toBeUndefined();
  });

  test("any number of milliseconds can be written and read back", () => {
    fc.assert(
      fc.property(fc.nat(), (ms) => {
        expect(durationMs(durationText(ms))).toBe(ms);
      }),
    );
  });
});
