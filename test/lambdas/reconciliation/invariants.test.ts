import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ownedName } from "../../../lambdas/contracts/key-name.ts";
import { CURRENT, marks, versionWith } from "../../../lambdas/contracts/labels.ts";
import type { Revoke } from "../../../lambdas/reconciliation/decide/action.ts";
import { decide } from "../../../lambdas/reconciliation/decide/decide.ts";
import { DAY_MS, HOUR_MS } from "../stand.ts";
import { anyWorld, later, observedWorld, type World, worldAfter, worldAfterHalf } from "./a-world.ts";
import { GRANTS, SERVICE_ID } from "./observed.ts";

const decided = (world: World, grants = GRANTS) => decide(observedWorld(world), grants, {});
const revocations = (world: World): readonly Revoke[] =>
  decided(world).actions.filter((action): action is Revoke => action.kind === "revoke");

const labelled = (world: World) => Object.entries(world.versions).filter(([, { labels }]) => labels.length > 0);
const keyIdIn = (world: World, versionId: string | undefined) => {
  const stored = versionId === undefined ? undefined : world.versions[versionId]?.stored;
  return typeof stored === "object" ? stored.keyId : undefined;
};
const stagesOf = (world: World) => Object.fromEntries(labelled(world).map(([id, { labels }]) => [id, labels]));
const active = (world: World) => [...world.listed, ...world.elsewhere].filter((key) => key.active);

const RUNS = { numRuns: 1_500 };

describe("whatever there is, a pass", () => {
  test("never revokes the current version's key, unless it is to be revoked first", () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const current = versionWith(stagesOf(world), CURRENT);
        const currentKey = keyIdIn(world, current);
        for (const { keyId, ground } of revocations(world))
          if (keyId === currentKey) expect(ground).toBe("compromised-first");
      }),
      RUNS,
    );
  });

  test("never revokes what another version holds that is to stay", () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        for (const { keyId, ground, versionId } of revocations(world)) {
          if (ground === "compromised-first" || ground === "stray") continue;
          const others = labelled(world).filter(([id]) => id !== versionId && keyIdIn(world, id) === keyId);
          for (const [, { labels }] of others) {
            const isLeaving = (["retiring", "abandoned", "compromised", "compromised-first"] as const).some(
              (mark) => marks(mark, labels).length > 0,
            );
            expect(isLeaving || ground === "compromised").toBe(true);
            expect(labels).not.toContain(CURRENT);
          }
        }
      }),
      RUNS,
    );
  });

  test("never revokes a stray that a labelled version holds", () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const held = new Set(labelled(world).map(([id]) => keyIdIn(world, id)));
        for (const { keyId, ground } of revocations(world)) if (ground === "stray") expect(held.has(keyId)).toBe(false);
      }),
      RUNS,
    );
  });

  test("never touches other people's keys", () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        for (const { keyId } of revocations(world)) expect(keyId).not.toMatch(/^somebody/);
      }),
      RUNS,
    );
  });

  test("revokes no more strays than the brake allows", () => {
    fc.assert(
      fc.property(anyWorld, fc.integer({ min: 1, max: 3 }), (world, maxStrayRevocations) => {
        const { actions } = decided(world, { ...GRANTS, maxStrayRevocations });
        const strays = actions.filter((action) => action.kind === "revoke" && action.ground === "stray");
        expect(strays.length).toBeLessThanOrEqual(maxStrayRevocations);
      }),
      RUNS,
    );
  });

  test("revokes no key twice, and starts one rotation at most", () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const ids = revocations(world).map(({ keyId }) => keyId);
        expect(new Set(ids).size).toBe(ids.length);
        const starts = decided(world).actions.filter(({ kind }) => kind === "rotate" || kind === "revive");
        expect(starts.length).toBeLessThanOrEqual(1);
      }),
      RUNS,
    );
  });

  test("has exactly one reason for every live key of ours", () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const held = new Set(labelled(world).map(([id]) => keyIdIn(world, id)));
        const ours = active(world).filter((key) => held.has(key.id) || ownedName(key.name)?.serviceId === SERVICE_ID);
        const listed = new Set([...world.listed, ...world.elsewhere].map(({ id }) => id));
        // Of a key that no listing shows nobody knows whether it lives: it may have a reason, too.
        const told = decided(world)
          .lives.map(({ keyId }) => keyId)
          .filter((keyId) => listed.has(keyId));
        expect(told.toSorted()).toEqual(ours.map(({ id }) => id).toSorted());
      }),
      RUNS,
    );
  });

  test("revokes what it calls due, and nothing else but what seems to be gone", () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const gone = new Set(revocations(world).flatMap(({ isGone, keyId }) => (isGone ? [keyId] : [])));
        const due = decided(world).lives.filter(({ state, keyId }) => state === "due" && !gone.has(keyId));
        expect(due.map(({ keyId }) => keyId).toSorted()).toEqual(
          revocations(world)
            .filter(({ isGone }) => !isGone)
            .map(({ keyId }) => keyId)
            .toSorted(),
        );
      }),
      RUNS,
    );
  });
});

/** The number that the documentation states. */
const LOOKS_TO_REST = 8;

describe("from wherever it is, a secret comes to rest", () => {
  /** What did not work yet is tried again every four hours at the latest: each of these looks is such a one. */
  const RARE = { ...GRANTS, reconcileInterval: 3 * HOUR_MS };

  /** A day and more between looks: every overlap, quiet period and age is over at the next one. */
  const settle = (world: World, looks: number): World => {
    let now = world;
    for (let n = 0; n < looks; n++) {
      for (const action of decided(now, RARE).actions) now = worldAfter(now, action);
      now = later(now, 2 * DAY_MS);
    }
    return now;
  };

  /** To reclaim is to look for a version; where there is one, what follows is work. */
  const isWork = ({ kind }: { kind: string }) => kind !== "report" && kind !== "reclaim";

  test(`within ${LOOKS_TO_REST} looks that each come after the waits before it`, () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        expect(decided(settle(world, LOOKS_TO_REST), RARE).actions.filter(isWork)).toEqual([]);
      }),
      RUNS,
    );
  });

  test("also when its first looks die anywhere, even between the two effects of an action", () => {
    const death = fc.record({ done: fc.nat(4), isHalf: fc.boolean(), laterMs: fc.constantFrom(60_000, 2 * DAY_MS) });
    fc.assert(
      fc.property(anyWorld, fc.array(death, { maxLength: 4 }), (world, deaths) => {
        let now = world;
        for (const { done, isHalf, laterMs } of deaths) {
          const { actions } = decided(now, RARE);
          for (const action of actions.slice(0, done)) now = worldAfter(now, action);
          const last = actions[done];
          if (isHalf && last) now = worldAfterHalf(now, last);
          now = later(now, laterMs);
        }
        expect(decided(settle(now, LOOKS_TO_REST), RARE).actions.filter(isWork)).toEqual([]);
      }),
      RUNS,
    );
  });

  test("where the vendor has the current key and nothing else of ours, but what only a person can decide", () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        for (const { state, keyId } of decided(settle(world, LOOKS_TO_REST), RARE).lives)
          expect([`${keyId} current`, `${keyId} held`, `${keyId} blocked`, `${keyId} waiting`]).toContain(
            `${keyId} ${state}`,
          );
      }),
      RUNS,
    );
  });
});
