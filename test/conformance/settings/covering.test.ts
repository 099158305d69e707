import fc from "fast-check";
import { expect, test } from "vitest";
import { coveringArray, type Row } from "../../../conformance/settings/covering.ts";

const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 7 });

const pairsIn = (row: Row): readonly string[] =>
  row.flatMap((x, a) => row.slice(a + 1).map((y, further) => `${a}:${x} ${a + 1 + further}:${y}`));

const allPairs = (of: readonly number[]): number => {
  let count = 0;
  for (const [a, x] of of.entries()) for (const y of of.slice(a + 1)) count += x * y;
  return count;
};

test("each value of each factor meets each value of each other one", () => {
  fc.assert(
    fc.property(sizes, (of) => {
      expect(new Set(coveringArray(of).flatMap(pairsIn)).size).toBe(allPairs(of));
    }),
  );
});

test("each row has one value of each factor, and brings a pair that no row before it had", () => {
  fc.assert(
    fc.property(sizes, (of) => {
      const seen = new Set<string>();
      for (const row of coveringArray(of)) {
        expect(row.every((value, factor) => value >= 0 && value < (of[factor] ?? 0))).toBe(true);
        const pairs = pairsIn(row);
        expect(row.length === of.length && pairs.some((pair) => !seen.has(pair))).toBe(true);
        for (const pair of pairs) seen.add(pair);
      }
    }),
  );
});

test("there are far fewer rows than combinations, and the same ones each time", () => {
  const of = [5, 3, 2, 2, 2, 4, 5, 2, 2, 2, 3, 2, 2];
  expect(coveringArray(of).length).toBeLessThan(2 * 5 * 5);
  expect(coveringArray(of)).toEqual(coveringArray(of));
});
