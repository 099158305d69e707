import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitsShown, isMinted, isShown, shownBeginning } from "../../../lambdas/evidence/identity.ts";
import { Redacted } from "../../../lambdas/redacted.ts";

const VALUE = new Redacted("pk_live_abc1d2e3f4g5h6i7j8k9l0m1n2o3x4Fz");

describe("what a vendor shows of a value", () => {
  test.each<[string | undefined, boolean, string]>([
    ["pk_live_abc1", true, "some characters of its own"],
    ["pk_live_abc", true, "three of them"],
    ["pk_live_abc1…", true, "with dots behind"],
    ["pk_live_abc1...", true, "with other dots behind"],
    ["pk_live_abc1****", true, "with stars behind"],
    ["pk_live_…x4Fz", true, "its end"],
    ["pk_live_****x4Fz", true, "its end behind stars"],
    ["pk_live_abc1…x4Fz", true, "both"],
    ["••••x4Fz", true, "its end alone"],
    ["pk_live_abd", false, "characters of another's"],
    ["pk_live_…x4FZ", false, "the end of another's"],
    ["pk_live_abc1…x4FZ", false, "its beginning and the end of another's"],
    ["pk_live_abd1…x4Fz", false, "its end and the beginning of another's"],
    ["pk_live_ab", false, "too little"],
    ["pk_live_…Fz", false, "too little of its end"],
    ["pk_live_", false, "what all begin with"],
    ["pk_live_****", false, "what all begin with, and stars"],
    ["pk", false, "less than that"],
    ["", false, "nothing"],
    ["****", false, "stars"],
    [undefined, false, "nothing at all"],
  ])("%s: tells that it is the one: %s (%s)", (shown, expected) => {
    expect(isShown(VALUE, shown)).toBe(expected);
  });

  test.each(["sk-proj-", "sk_v2_", "acme_2026_live_", "live", "acme"])(
    "%s, with which all of a vendor begin, tells none",
    (common) => {
      expect(isShown(new Redacted(`${common}abc1d2e3f4`), common)).toBe(false);
      expect(isShown(new Redacted(`${common}abc1d2e3f4`), `${common}abc1`)).toBe(true);
    },
  );

  test("of one value tells no other one", () => {
    const values = fc.string({ unit: fc.constantFrom(..."abcdefXYZ0123456789+/"), minLength: 24, maxLength: 40 });
    const lengths = [fc.integer({ min: 3, max: 8 }), fc.integer({ min: 0, max: 6 })] as const;
    fc.assert(
      fc.property(values, values, ...lengths, (one, other, begin, end) => {
        fc.pre(one.slice(0, begin) !== other.slice(0, begin));
        const shown = `pk_live_${one.slice(0, begin)}${end > 0 ? `…${one.slice(-end)}` : ""}`;
        expect(isShown(new Redacted(`pk_live_${one}`), shown)).toBe(true);
        expect(isShown(new Redacted(`pk_live_${other}`), shown)).toBe(false);
      }),
    );
  });

  test("fits a value that has it, however little it tells", () => {
    const fits = (shown: string) => fitsShown(VALUE, shown);
    expect(["pk_live_", "pk_live_…Fz", "pk_live_abc1", "", "****"].filter((shown) => !fits(shown))).toEqual([]);
    expect(["pk_test_", "pk_live_…FZ", "x"].filter(fits)).toEqual([]);
    expect(fitsShown(new Redacted("abc"), "abc…bc")).toBe(false);
  });

  test("begins where it begins", () => {
    const shown = ["pk_live_abc1", "pk_live_abc1…", "pk_live_…x4Fz", "pk_live_****x4Fz", "...x4Fz", ""];
    expect(shown.map(shownBeginning)).toEqual(["pk_live_abc1", "pk_live_abc1", "pk_live_", "pk_live_", "", ""]);
  });
});

test.each<[string, boolean]>([
  ["web-kt-0a1b2c3d-0123456789", true],
  ["web-kt-ffffffff-0123456789", false],
  ["web-kt-0a1b2c3d-0123456789 (2)", true],
  ["web", false],
  ["web-kt-0a1b2c3d", false],
  ["", false],
])("a key called %s was minted by this service: %s", (name, expected) => {
  expect(isMinted(name, "0a1b2c3d")).toBe(expected);
});
