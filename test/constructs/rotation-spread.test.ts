import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PictifyApiKey } from "../../constructs/index.ts";
import { daysUntilRotation, defaultSpreadDays } from "../../constructs/rotation-spread.ts";
import { addPictify, newService, newStack, resourcesOf } from "./declare.ts";

const NAMES = Array.from({ length: 1_000 }, (_, index) => `key-${index}`);

const daysOf = (names: readonly string[], props: { readonly spreadDays?: number } = {}): readonly number[] => {
  const stack = newStack();
  const vendor = addPictify(newService(stack), { plan: "enterprise" });
  for (const name of names) new PictifyApiKey(stack, name, { vendor, name, type: "live", ...props });
  return Object.values(resourcesOf(stack, "aws_secretsmanager_secret_rotation")).map(
    ({ rotation_rules }) => rotation_rules.automatically_after_days,
  );
};

const most = (days: readonly number[]): number =>
  Math.max(...[...new Set(days)].map((day) => days.filter((one) => one === day).length));

describe("due dates", () => {
  test("of 1,000 keys are spread evenly over the days of the spread", () => {
    const days = NAMES.map((name) => daysUntilRotation({ service: "prod", name }, 90, 9));
    expect([...new Set(days)].sort()).toEqual([81, 82, 83, 84, 85, 86, 87, 88, 89, 90]);
    expect(most(days)).toBeLessThan(140);
  });

  test("never come after the declared period, nor earlier than its spread allows", () => {
    const period = fc.integer({ min: 1, max: 1_000 });
    fc.assert(
      fc.property(fc.string(), period, fc.nat(), (name, rotateAfterDays, seed) => {
        const spread = seed % rotateAfterDays;
        const days = daysUntilRotation({ service: "prod", name }, rotateAfterDays, spread);
        expect(days).toBeLessThanOrEqual(rotateAfterDays);
        expect(days).toBeGreaterThanOrEqual(rotateAfterDays - spread);
      }),
    );
  });

  test("of a key are the same whenever it is synthesized", () => {
    const names = NAMES.slice(0, 20);
    expect(daysOf(names)).toEqual(daysOf(names));
  });

  test("are spread over a tenth of the period where nobody says otherwise", () => {
    const days = daysOf(NAMES.slice(0, 100));
    expect(new Set(days).size).toBeGreaterThan(5);
    expect(Math.min(...days)).toBeGreaterThanOrEqual(81);
    expect([9, 10, 90, 1_000].map(defaultSpreadDays)).toEqual([0, 1, 9, 100]);
  });

  test("are one and the same where nothing is to be spread", () => {
    expect(new Set(daysOf(NAMES.slice(0, 20), { spreadDays: 0 }))).toEqual(new Set([90]));
  });
});
