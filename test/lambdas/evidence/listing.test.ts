import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { activeIn, isMintedAt, judgeListing, type LookedUp, listedAs } from "../../../lambdas/evidence/listing.ts";

const ADMIN_SINCE_MS = Date.UTC(2026, 10, 22);

const active: LookedUp = { keyId: "a", listed: "active" };
const revoked: LookedUp = { keyId: "r", listed: "revoked" };
const gone: LookedUp = { keyId: "g", listed: "absent", works: false };
const unknown: LookedUp = { keyId: "u", listed: "absent" };
const lacked: LookedUp = { keyId: "l", listed: "absent", works: true, issuedAtMs: ADMIN_SINCE_MS - 1 };
const ofAdmin: LookedUp = { ...lacked, keyId: "o", issuedAtMs: ADMIN_SINCE_MS + 1 };

describe("a listing is", () => {
  test.each<[string, LookedUp[], object]>([
    ["unchecked, without a key of ours", [], { kind: "unchecked" }],
    ["unchecked, by one that it shows as revoked", [revoked], { kind: "unchecked" }],
    ["unchecked, by one that does not work any more", [gone], { kind: "unchecked" }],
    ["unchecked, by one of which that is not known", [unknown], { kind: "unchecked" }],
    ["whole, by one that it shows", [active, gone, unknown, revoked], { kind: "whole", unclear: [] }],
    ["not whole, where it lacks one that works", [active, lacked], { kind: "not whole", missing: ["l"] }],
    ["another organization's, where it lacks all", [lacked, gone], { kind: "wrong organization", missing: ["l"] }],
    ["that too, with a revoked one", [lacked, revoked], { kind: "wrong organization", missing: ["l"] }],
    ["not whole, lacking one of this admin key's", [ofAdmin], { kind: "not whole", missing: ["o"] }],
    ["not whole, lacking such a one besides", [lacked, ofAdmin], { kind: "not whole", missing: ["l", "o"] }],
  ])("%s", (_, keys, expected) => {
    expect(judgeListing(keys, ADMIN_SINCE_MS)).toEqual(expected);
  });

  test("another organization's where nobody knows since when the admin key is there, or when ours was minted", () => {
    expect(judgeListing([ofAdmin], undefined).kind).toBe("wrong organization");
    expect(judgeListing([{ ...ofAdmin, issuedAtMs: undefined }], ADMIN_SINCE_MS).kind).toBe("wrong organization");
  });

  test("never whole while it lacks a key that works, and never anything else while it lacks none", () => {
    const keys = fc.array(fc.constantFrom(active, revoked, gone, unknown, lacked, ofAdmin));
    fc.assert(
      fc.property(keys, fc.constantFrom(ADMIN_SINCE_MS, undefined), (all, since) => {
        const judged = judgeListing(all, since);
        const missing = all.filter(({ works }) => works).map(({ keyId }) => keyId);
        if (missing.length === 0) expect(["whole", "unchecked"]).toContain(judged.kind);
        else expect(judged).toMatchObject({ kind: expect.stringMatching(/^(not whole|wrong organization)$/), missing });
      }),
    );
  });
});

test("a key is shown as the listing has it", () => {
  expect(listedAs({ active: true })).toBe("active");
  expect(listedAs({ active: false })).toBe("revoked");
  expect(listedAs(undefined)).toBe("absent");
});

test("a key is active in a listing that shows it so, in any of its entries", () => {
  const entry = (id: string, isActive: boolean) => ({ id, name: "web", active: isActive, lastUse: "never" as const });
  const listing = { keys: [entry("a", true), entry("r", false), entry("b", false), entry("b", true)] };
  expect(["a", "r", "b", "x"].map((id) => activeIn(listing, id))).toEqual([true, false, true, false]);
});

describe("a key counts as minted at a connection", () => {
  const eu = { vendor: "pictograph", organizationId: "o" };
  const connections = { eu, us: { ...eu, organizationId: "p" } };

  test.each<[string, Parameters<typeof isMintedAt>[0], boolean]>([
    ["that its value names", { vendor: "pictograph", connection: "eu", organizationId: "o" }, true],
    ["where its value is from before it said so", {}, true],
    ["where its value names one that is no more, as after a rename", { vendor: "pictograph", connection: "old" }, true],
    ["not at another one of the vendor", { vendor: "pictograph", connection: "us", organizationId: "o" }, false],
    ["not at another vendor", { vendor: "pictify" }, false],
    ["not in another organization", { connection: "eu", organizationId: "p" }, false],
  ])("%s", (_, stored, expected) => {
    expect(isMintedAt(stored, "eu", connections)).toBe(expected);
  });
});
