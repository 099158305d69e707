import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alternate, growth, median } from "../../bench/rounds.ts";

describe("a median", () => {
  test.each([
    [[3], 3],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
  ])("of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test("does not move with one value that is far off", () => {
    expect(median([1, 1, 1, 1, 1_000_000])).toBe(1);
  });

  test("of nothing is an error", () => {
    expect(() => median([])).toThrow("no median of no values");
  });
});

test("contenders are measured in turn, the other way round each time, after a round that does not count", async () => {
  const order: string[] = [];
  const contender = (name: string) => async () => {
    order.push(name);
    return order.length <= 2 ? 1_000 : 1;
  };
  expect(await alternate(2, { ours: contender("ours"), bare: contender("bare") })).toEqual({ ours: 1, bare: 1 });
  expect(order).toEqual(["ours", "bare", "bare", "ours", "ours", "bare"]);
});

describe("growth", () => {
  const sizes = [100, 1_000, 10_000] as const;

  test("is 1 for a cost that is linear, whatever it costs to begin with", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(100_000), (each, fixed) => {
        const costs = sizes.map((size) => ({ size, cost: fixed + each * size }));
        expect(growth(costs)).toBeCloseTo(1, 3);
      }),
    );
  });

  test("is about the ratio of the sizes for a cost that is a square", () => {
    expect(growth(sizes.map((size) => ({ size, cost: size * size })))).toBeCloseTo(10, 3);
  });
});
