import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generationOf, keyName } from "../../../lambdas/contracts/key-name.ts";
import { isOwn, type Ownership, type OwnKey, planRemoval } from "../../../lambdas/management/removal.ts";
import type { VendorKey } from "../../../lambdas/vendors/vendor.ts";

const SERVICE = "0a1b2c3d";
const NOW_MS = 20_000_000;

const key = (id: string, name: string, more: Partial<VendorKey> = {}): VendorKey => ({
  id,
  name,
  active: true,
  lastUse: "never",
  ...more,
});

const named = (name: string, versionId: string, service = SERVICE) => keyName(name, service, generationOf(versionId));

const ownership = (more: Partial<Ownership> = {}): Ownership => ({
  serviceId: SERVICE,
  names: new Set(["web"]),
  storedIds: new Set(),
  generations: new Set([generationOf("v1"), generationOf("v2")]),
  knownGenerations: new Set(),
  ...more,
});

describe("a secret's own key", () => {
  test.each<[string, VendorKey, Partial<Ownership>]>([
    ["has its service id and generation", key("k", named("web", "v1")), {}],
    ["has them also under an older name", key("k", named("old-name", "v1")), {}],
    ["is known by its id, whatever it is called", key("k", "made by hand"), { storedIds: new Set(["k"]) }],
    [
      "is a duplicate of a generation whose key is known",
      key("k", named("web", "v1")),
      { knownGenerations: new Set([generationOf("v1")]) },
    ],
  ])("%s", (_, own, more) => {
    expect(isOwn(own, ownership(more))).toBe(true);
  });

  test.each<[string, VendorKey, Partial<Ownership>]>([
    ["of another service", key("k", named("web", "v1", "ffffffff")), {}],
    ["of another secret's version", key("k", named("web", "v3")), {}],
    ["made by hand", key("k", "web"), {}],
    ["revoked", key("k", named("web", "v1"), { active: false }), {}],
    [
      "of another secret that has the same version id",
      key("k", named("other", "v1")),
      { knownGenerations: new Set([generationOf("v1")]) },
    ],
  ])("is none that is %s", (_, other, more) => {
    expect(isOwn(other, ownership(more))).toBe(false);
  });
});

const lastUse = fc.oneof(fc.integer({ min: 0, max: NOW_MS }), fc.constantFrom("never" as const, "not told" as const));

const ownKey: fc.Arbitrary<OwnKey> = fc.record({
  key: fc.record({ id: fc.uuid(), name: fc.string(), active: fc.constant(true), lastUse }),
  connection: fc.record({
    reportingDelay: fc.nat(1_000_000),
    skew: fc.nat(1_000_000),
    propagation: fc.nat(60_000),
  }),
  held: fc.boolean(),
  reported: fc.record({ untilMs: fc.option(fc.integer({ min: 0, max: NOW_MS }), { nil: undefined }) }),
});

const facts = fc.record({
  keys: fc.array(ownKey, { maxLength: 6 }),
  quietMs: fc.nat(5_000_000),
  nowMs: fc.constant(NOW_MS),
  force: fc.boolean(),
  hasMoved: fc.boolean(),
});

const LISTED_HOURLY_MS = 3_600_000;

const restMs = ({ connection }: OwnKey, quietMs: number) => quietMs + connection.reportingDelay + connection.skew;

describe("whatever keys there are and however they were used, the end of a managed key", () => {
  test("without force revokes none that was used within quiet, reporting delay and skew", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const plan = planRemoval({ ...given, force: false });
        if (plan.kind !== "revoke") return;
        for (const own of plan.revoke)
          if (typeof own.key.lastUse === "number")
            expect(own.key.lastUse + restMs(own, given.quietMs)).toBeLessThanOrEqual(NOW_MS);
      }),
    );
  });

  test("is refused only for a key that it would revoke, and until a moment that is still to come", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const plan = planRemoval(given);
        if (plan.kind !== "refuse") return;
        expect(given.force).toBe(false);
        expect(plan.untilMs).toBeGreaterThan(NOW_MS);
        const refused = given.keys.find((own) => own.key === plan.key);
        expect(given.hasMoved && refused?.held).toBe(false);
      }),
    );
  });

  test("without force revokes none while nobody's calls are shown for so long that its own may be missing", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const plan = planRemoval({ ...given, force: false });
        if (plan.kind !== "revoke") return;
        for (const own of plan.revoke)
          if (own.key.lastUse !== "not told")
            expect(own.reported?.untilMs ?? 0).toBeGreaterThanOrEqual(
              NOW_MS - restMs(own, given.quietMs) - LISTED_HOURLY_MS,
            );
      }),
    );
  });

  test("revokes all of a key that is gone, and leaves all that a version holds of one that has moved", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const plan = planRemoval(given);
        if (plan.kind !== "revoke") return;
        expect(plan.left).toEqual(given.hasMoved ? given.keys.filter(({ held }) => held) : []);
        expect([...plan.revoke, ...plan.left]).toHaveLength(given.keys.length);
      }),
    );
  });

  test("is never refused with force", () => {
    fc.assert(
      fc.property(facts, (given) => {
        expect(planRemoval({ ...given, force: true }).kind).toBe("revoke");
      }),
    );
  });
});
