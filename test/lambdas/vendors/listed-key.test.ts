import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expiryOf, idOf, isActive, lastUseOf, optionalId } from "../../../lambdas/vendors/answer.ts";
import { plausible } from "../../../lambdas/vendors/plausible.ts";
import type { VendorKey } from "../../../lambdas/vendors/vendor.ts";

/* What one item of a list says of a key, in whichever words. */
const USED = "2026-11-22T14:05:06.789Z";
const USED_MS = Date.parse(USED);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

describe("the last use of a key", () => {
  test.each<[string, object, object]>([
    ["a time", { last_used_at: USED }, { lastUse: USED_MS }],
    ["a time under another name", { lastUsed: USED }, { lastUse: USED_MS }],
    [
      "a day, which ends it",
      { lastUsedAt: "2026-11-22" },
      { lastUse: Date.UTC(2026, 10, 23) - 1, lastUseSpanMs: DAY_MS - 1 },
    ],
    ["null", { last_used_at: null }, { lastUse: "never" }],
    ["no such field", { lastUsing: USED }, { lastUse: "not told" }],
    ["undefined", { last_used_at: undefined }, { lastUse: "not told" }],
    ["a time without a zone", { last_used_at: "2026-11-22T14:05:06" }, { lastUse: "not understood" }],
    ["a text without a year", { last_used_at: "Nov 22, 14:05" }, { lastUse: "not understood" }],
    ["an empty text", { last_used_at: "" }, { lastUse: "not understood" }],
    ["false", { last_used_at: false }, { lastUse: "not understood" }],
    ["zero", { last_used_at: 0 }, { lastUse: "not understood" }],
    ["the zero of a language", { last_used_at: "0001-01-01T00:00:00Z" }, { lastUse: "not understood" }],
    ["an object", { last_used_at: { at: USED } }, { lastUse: "not understood" }],
    [
      "null and something that is not understood",
      { last_used_at: null, lastUsed: "today" },
      { lastUse: "not understood" },
    ],
    ["null in one field and a time in another", { last_used_at: null, lastUsedAt: USED }, { lastUse: USED_MS }],
    [
      "something else in one field and a time in another",
      { last_used: "today", lastUsedAt: USED },
      { lastUse: USED_MS, mayBeUsedLater: true },
    ],
    [
      "two times, of which the later counts",
      { last_used: "2026-11-20T00:00:00Z", lastUsedAt: USED },
      { lastUse: USED_MS },
    ],
    [
      "a time and a day, of which the later end counts",
      { last_used: "2026-11-22", lastUsedAt: USED },
      { lastUse: Date.UTC(2026, 10, 23) - 1, lastUseSpanMs: DAY_MS - 1 },
    ],
  ])("is read from %s", (_, fields, expected) => {
    expect(lastUseOf(fields as Record<string, unknown>)).toEqual(expected);
  });

  test("that can be read is never hidden by what other fields say", () => {
    const names = fc.constantFrom("last_used_at", "lastUsedAt", "last_used", "lastUsed");
    fc.assert(
      fc.property(
        names,
        fc.dictionary(names, fc.oneof(fc.constant(null), fc.string(), fc.boolean(), fc.object())),
        (name, others) => {
          const { lastUse } = lastUseOf({ ...others, [name]: USED });
          expect(typeof lastUse === "number" && lastUse >= USED_MS).toBe(true);
        },
      ),
    );
  });
});

describe("a time of last use that cannot be true is not understood:", () => {
  const NOW_MS = USED_MS + DAY_MS;
  const tolerance = { skew: 5 * MINUTE_MS };
  const key = (more: Partial<VendorKey>): VendorKey => ({
    id: "1",
    name: "web",
    active: true,
    lastUse: USED_MS,
    ...more,
  });
  const said = (one: VendorKey, more: object = {}, vendorNowMs: number | undefined = NOW_MS) =>
    plausible({ keys: [one], vendorNowMs }, { ...tolerance, ...more }, NOW_MS).keys[0];

  test.each<[string, Partial<VendorKey>, boolean]>([
    ["now", { lastUse: NOW_MS }, true],
    ["as much ahead as clocks may be", { lastUse: NOW_MS + 5 * MINUTE_MS }, true],
    ["further ahead", { lastUse: NOW_MS + 5 * MINUTE_MS + 1 }, false],
    ["a day that has begun", { lastUse: NOW_MS + DAY_MS / 2, lastUseSpanMs: DAY_MS - 1 }, true],
    ["a day that has not", { lastUse: NOW_MS + DAY_MS + 6 * MINUTE_MS, lastUseSpanMs: DAY_MS - 1 }, false],
    ["when it was made", { createdAtMs: USED_MS }, true],
    ["before that, by as much as clocks may differ", { createdAtMs: USED_MS + 5 * MINUTE_MS }, true],
    ["before that by more", { createdAtMs: USED_MS + 5 * MINUTE_MS + 1 }, false],
  ])("%s", (_, more, isTrue) => {
    const one = key(more);
    expect(said(one)).toEqual(isTrue ? one : { ...key(more), lastUse: "not understood", lastUseSpanMs: undefined });
  });

  test("a coarse time may be as much before the key's making as it is coarse", () => {
    const one = key({ createdAtMs: USED_MS + 60 * MINUTE_MS });
    expect(said(one, { lastUseResolution: 60 * MINUTE_MS })).toEqual(one);
    expect(said(one)?.lastUse).toBe("not understood");
  });

  test("by our own clock where the vendor does not tell its time", () => {
    expect(plausible({ keys: [key({ lastUse: NOW_MS + DAY_MS })] }, tolerance, NOW_MS).keys[0]?.lastUse).toBe(
      "not understood",
    );
  });

  test.each(["never", "not told", "not understood"] as const)("what is no time stays as it is: %s", (lastUse) => {
    expect(said(key({ lastUse, createdAtMs: NOW_MS + DAY_MS }))?.lastUse).toBe(lastUse);
  });
});

describe("the id of a key", () => {
  test.each<[object, string | undefined]>([
    [{ id: "key_1" }, "key_1"],
    [{ key_id: "key_1" }, "key_1"],
    [{ keyId: "key_1" }, "key_1"],
    [{ uuid: "3f0c" }, "3f0c"],
    [{ id: 17 }, "17"],
    [{ id: null, uuid: "3f0c" }, "3f0c"],
    [{ id: "", key_id: "key_1" }, "key_1"],
    [{ id: " ", keyId: "key_1" }, "key_1"],
    [{ id: {}, keyId: 9 }, "9"],
    [{ id: 0 }, undefined],
    [{ id: 1.5 }, undefined],
    [{ id: 2 ** 53 }, undefined],
    [{ id: true }, undefined],
    [{ name: "web" }, undefined],
  ])("of %o is %s", (fields, id) => {
    expect(optionalId(fields as Record<string, unknown>)).toBe(id);
    if (id === undefined)
      expect(() => idOf(fields as Record<string, unknown>, "a key")).toThrow(/no id in id or key_id/);
  });
});

describe("the end of a key", () => {
  test.each<[object, object]>([
    [{}, {}],
    [{ expires_at: null }, {}],
    [{ expiresAt: "" }, {}],
    [{ expires_at: USED }, { expiresAtMs: USED_MS }],
    [{ expires_at: null, expiresAt: USED }, { expiresAtMs: USED_MS }],
    [{ expires: "soon", expires_at: USED }, { expiresAtMs: USED_MS }],
    [{ expires_at: "2026-12-24T00:00:00Z", expiresAt: USED }, { expiresAtMs: USED_MS }],
    [{ expiresAt: USED_MS }, { expiresAtMs: USED_MS }],
    [{ expires: "2026-11-22" }, { expiresAtMs: Date.UTC(2026, 10, 22) }],
    [{ expires_at: "9999-12-31T23:59:59Z" }, { expiresAtMs: Date.UTC(9999, 11, 31, 23, 59, 59) }],
    [{ expires_at: "in 30 days" }, { expiresAtMs: "not understood" }],
    [{ expires_at: "2026-11-22T14:05:06" }, { expiresAtMs: "not understood" }],
    [{ expires_at: 30 }, { expiresAtMs: "not understood" }],
  ])("of %o is %o", (fields, expected) => {
    expect(expiryOf(fields as Record<string, unknown>)).toEqual(expected);
  });
});

describe("a key is listed as active", () => {
  test.each<[object, boolean]>([
    [{}, true],
    [{ status: "Active" }, true],
    [{ status: "Revoked" }, false],
    [{ status: "REVOKED" }, false],
    [{ status: "something new" }, true],
    [{ is_active: true }, true],
    [{ is_active: false }, false],
    [{ isActive: false }, false],
    [{ active: false }, false],
    [{ is_active: null }, true],
    [{ revoked_at: null }, true],
    [{ revokedAt: "" }, true],
    [{ revokedAt: 0 }, true],
    [{ revoked_at: "0001-01-01T00:00:00Z" }, true],
    [{ revokedAt: "1970-01-01T00:00:00.000Z" }, true],
    [{ revokedAt: USED }, false],
    [{ revoked_at: USED_MS }, false],
    [{ revoked_at: "Nov 22, 14:05" }, false],
    [{ revokedAt: null, revoked_at: USED }, false],
    [{ status: "Active", is_active: false }, false],
  ])("by %o: %s", (fields, expected) => {
    expect(isActive(fields as Record<string, unknown>)).toBe(expected);
  });
});
