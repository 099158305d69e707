import { generationOf, ownedName } from "../../lambdas/contracts/key-name.ts";
import type { World } from "../../lambdas/world.ts";
import type { VendorSimulator } from "../../sandbox/vendors/simulator.ts";
import { viewSecret } from "../stage/secret-view.ts";
import type { Mutant } from "./mutant.ts";
import { neverUsed, showingOwnCalls, withCall, withListing } from "./worlds.ts";

/* Faults of what looks for keys that are to go. */
const isManaged = (key: object): boolean => "name" in key && /-kt-[0-9a-f]{8}-[0-9a-f]{10}$/.test(String(key.name));

const generationIn = (key: object): string | undefined =>
  "name" in key ? ownedName(String(key.name))?.generation : undefined;

/** As if nobody but the admin had ever called: the vendor reports uses, and there are none. */
const usedByAdminAlone =
  ({ adminKeyId }: VendorSimulator, { clock }: World) =>
  (key: object): object => {
    if (!("id" in key) || key.id !== adminKeyId) return neverUsed(key);
    const lastUsed = new Date(clock.now()).toISOString();
    return { ...key, ...("last_used_at" in key ? { last_used_at: lastUsed } : { lastUsedAt: lastUsed }) };
  };

const longAgo = (key: object): object => ({
  ...key,
  ...("created_at" in key ? { created_at: "2026-01-01T00:00:00.000Z" } : {}),
  ...("createdAt" in key ? { createdAt: "2026-01-01T00:00:00.000Z" } : {}),
});

export const CLEANING_MUTANTS: readonly Mutant[] = [
  {
    name: "retire-by-timer",
    what: "an old key is revoked when its overlap is over, whoever still uses it",
    shownAt: "rotation/pictify",
    change: ({ simulator }) => {
      const shown = showingOwnCalls(simulator);
      return (by, world) =>
        by === "reconcile" ? shown(withListing(world, (keys) => keys.map(usedByAdminAlone(simulator, world)))) : world;
    },
  },
  {
    name: "nothing-is-revoked",
    what: "reconcile decides to revoke, and does not ask the vendor",
    change: () => (by, world) =>
      by === "reconcile"
        ? withCall(world, "revoke key", async () => new Response(JSON.stringify({ success: true })))
        : world,
  },
  {
    name: "strays-stay",
    what: "nobody looks for keys that belong to no secret",
    shownAt: "rotation/pictograph+vendor=7:created-twice",
    change:
      ({ simulator }) =>
      (by, world) => {
        const wasUsed = (key: object) =>
          !isManaged(key) || simulator.keys().some(({ id, requests }) => "id" in key && id === key.id && requests > 0);
        return by === "reconcile" ? withListing(world, (keys) => keys.filter(wasUsed)) : world;
      },
  },
  {
    name: "strays-without-evidence",
    what: "a key that belongs to no secret is revoked, whoever uses it",
    shownAt: "rename/pictograph+beside=slow-workload@3+beside=remade@4",
    change: (stage) => (by, world) =>
      by !== "reconcile"
        ? world
        : withListing(world, async (keys) => {
            const held = new Set(Object.keys((await viewSecret(stage))?.stages ?? {}).map(generationOf));
            return keys.map((key) => (held.has(generationIn(key) ?? "") ? key : neverUsed(key)));
          }),
  },
  {
    name: "age-left-out",
    what: "a key that was made just now counts as lost, although its value is still to be stored",
    shownAt: "first-key/pictograph+beside=deploy@5",
    change: () => (_, world) => withListing(world, (keys) => keys.map(longAgo)),
  },
];
