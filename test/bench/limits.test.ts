import { describe, expect, test } from "vitest";
import { type Growing, measureGrowth } from "../../bench/limits.ts";
import { share } from "../../bench/stack-size.ts";

const SLOW_MS = 240_000;

describe("a stack of 1,000 keys, each with a target", () => {
  let all: readonly Growing[] = [];
  const names = (of: (one: Growing) => boolean) => all.filter(of).map(({ limit }) => limit);

  test("is within every limit of AWS", { timeout: SLOW_MS }, async () => {
    all = await measureGrowth(10, 1_000);
    expect(all.length).toBeGreaterThan(0);
    expect(names((one) => share(one) > 1)).toEqual([]);
  });

  test("has no policy, variable or permission that grows with the keys", () => {
    expect(names(({ perKey }) => perKey !== 0)).toEqual(["zipOfFunction", "answerOfFunction", "secrets"]);
  });

  test("has every thing that is measured", () => {
    expect(names(({ measured }) => !(measured > 0))).toEqual([]);
  });
});
