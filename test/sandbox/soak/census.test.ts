import { describe, expect, test } from "vitest";
import type { VendorKey } from "../../../lambdas/vendors/vendor.ts";
import { type CountedSecret, isQuiet, takeCensus } from "../../../sandbox/soak/census.ts";

const key = (id: string, active = true, name = `soak-a-kt-0123abcd-${id.padStart(10, "0")}`): VendorKey => ({
  id,
  name,
  active,
  lastUse: "never",
});

const TAGS = { "keyturn:service": "soak" };
const secret = (change: Partial<CountedSecret> = {}): CountedSecret => ({
  name: "a",
  tags: TAGS,
  stages: { now: ["AWSCURRENT", "AWSPENDING"], before: ["AWSPREVIOUS"] },
  currentKeyId: "2",
  ...change,
});
const baseline = { earlierKeyIds: new Set(["admin"]), tags: new Map([["a", TAGS]]) };

const census = (secrets: readonly CountedSecret[], keys: readonly VendorKey[]) =>
  takeCensus({ secrets, listings: { pictograph: [], pictify: [key("admin", true, "admin"), ...keys] } }, baseline);

describe("a census", () => {
  test("counts what was made, and finds nothing where only the current key works", () => {
    const found = census([secret()], [key("1", false), key("2")]);

    expect(found).toEqual({ minted: 2, active: 1, current: 1, leftOver: [], dead: [], labels: [], tags: [] });
    expect(isQuiet(found)).toBe(true);
  });

  test("names an active key that no current version holds, whatever it is called", () => {
    const found = census([secret()], [key("1"), key("2"), key("3", true, "of somebody")]);

    expect(found.leftOver).toEqual(["pictify 1 (soak-a-kt-0123abcd-0000000001)", "pictify 3 (of somebody)"]);
    expect(isQuiet(found)).toBe(false);
  });

  test("names a secret whose current key was revoked, or that has none", () => {
    const found = census([secret(), secret({ name: "b", currentKeyId: undefined })], [key("2", false)]);

    expect(found.dead).toEqual(["a", "b"]);
    expect(isQuiet(found)).toBe(false);
  });

  test("names labels of ours, and AWSPENDING of a rotation that has not ended", () => {
    const stages = { now: ["AWSCURRENT"], next: ["AWSPENDING"], before: ["AWSPREVIOUS", "keyturn/retiring/x"] };
    const found = census([secret({ stages })], [key("2")]);

    expect(found.labels).toEqual(["a: AWSPENDING", "a: keyturn/retiring/x"]);
    expect(isQuiet(found)).toBe(false);
  });

  test.each([
    ["changed", { "keyturn:service": "other" }],
    ["taken off", {}],
    ["added", { ...TAGS, more: "x" }],
  ])("names a secret of which a tag was %s", (_, tags) => {
    expect(census([secret({ tags: tags as Record<string, string> })], [key("2")]).tags).toEqual(["a"]);
  });
});
