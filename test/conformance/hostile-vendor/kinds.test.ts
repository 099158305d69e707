import { describe, expect, test } from "vitest";
import { carryOut } from "../../../conformance/assignment.ts";
import { vendorKinds, vendorKindTwist } from "../../../conformance/hostile-vendor/kinds.ts";
import { VARIANTS } from "../../../conformance/hostile-vendor/variants.ts";
import { PICTIFY_DEFAULTS } from "../../../sandbox/vendors/pictify-options.ts";
import { PICTOGRAPH_DEFAULTS } from "../../../sandbox/vendors/pictograph-options.ts";

/** Values of switches that no variant has, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  revokedKeysCount:
    "a plan whose slots revoked keys keep needs somebody to delete them, and documents say that they take none",
  organizationChecked: "another organization's admin key is stored beside an effect: beside/organizations.ts",
};

const valuesOf = (vendor: "pictograph" | "pictify", name: string): readonly unknown[] =>
  Object.values(VARIANTS).flatMap((variant) => {
    const { [name]: value } = { ...(variant[vendor]?.switches as Record<string, unknown> | undefined) };
    return value === undefined ? [] : [value];
  });

test.each([
  ["pictograph", PICTOGRAPH_DEFAULTS],
  ["pictify", PICTIFY_DEFAULTS],
] as const)("each switch of %s is otherwise in some variant, or left out for a reason", (vendor, defaults) => {
  const same = Object.entries(defaults).filter(
    ([name, value]) => !(name in LEFT_OUT) && valuesOf(vendor, name).every((other) => other === value),
  );
  // What a missing request is answered is a matter of those variants that miss one.
  expect(same.map(([name]) => name)).toEqual([]);
});

test("a vendor is only given variants of its own", () => {
  const lives = vendorKinds.inFull({ chapter: "rotation", vendor: "pictograph", twists: [], effects: [] });
  const texts = lives.flatMap(({ twists }) => twists);
  expect(texts).toContain("vendor-kind=seeds-only-pictograph");
  expect(texts).not.toContain("vendor-kind=seeds-only-pictify");
});

test("a variant that there is not is refused with those that there are", () => {
  expect(() => vendorKindTwist("seeds")).toThrow(/no variant "seeds" of a vendor; there are .*seeds-only-pictify/);
});

const trace = async (place: string, kind: string) => {
  const [chapter = "", vendor = ""] = place.split("/");
  return carryOut({ chapter, vendor, seed: 2, twists: [`vendor-kind=${kind}`] }, true);
};

describe("a stated exception is one:", () => {
  test("a vendor that cannot be asked to revoke has a person do it, and the life comes to rest", async () => {
    const { violations, trace: lines } = await trace("rotation/pictify", "no-revocation-404");
    expect(violations).toEqual([]);
    expect(lines.filter((line) => line.includes("a person revokes"))).toHaveLength(1);
  });

  test("where no use is shown, whoever is slower than overlap and margin is cut off, and nobody before", async () => {
    const { violations, trace: lines } = await trace("rotation/pictograph", "no-last-use");
    expect(violations).toEqual([]);
    expect(lines.some((line) => line.includes("is revoked now"))).toBe(true);
  });

  test("a use that is shown by its day keeps a key until that day is over", async () => {
    const { violations, trace: lines } = await trace("rotation/pictify", "last-use-by-day");
    expect(violations).toEqual([]);
    expect(lines.find((line) => line.includes("is revoked now"))).toMatch(/^05-31T00:[1-3]/);
  });
});
