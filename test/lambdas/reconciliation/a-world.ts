import * as fc from "fast-check";
import {
  CURRENT,
  markLabel,
  marks,
  ownMarks,
  PENDING,
  PREVIOUS,
  type Stages,
} from "../../../lambdas/contracts/labels.ts";
import type { Action, Revoke } from "../../../lambdas/reconciliation/decide/action.ts";
import type { Observation, ObservedKey } from "../../../lambdas/reconciliation/observe/observation.ts";
import type { Stored } from "../../../lambdas/stored.ts";
import type { VendorKey } from "../../../lambdas/vendors/vendor.ts";
import { DAY_MS, HOUR_MS } from "../stand.ts";
import { adminKey, connectionOf, keyOf, NOW, SERVICE_ID, storedKey, vendorKey } from "./observed.ts";

/*
 * Any state that a secret and its vendors may be in, whether or not a way leads there, and what becomes of it when reconcile's
 * actions are done and time passes. Values are always read, and every connection is listed: what is decided from less must
 * be no more than this (reading.test.ts holds what is read). A rotation, once started, ends well at once.
 */

interface WorldVersion {
  readonly labels: readonly string[];
  readonly stored: Exclude<Stored, "not read">;
}

export interface World {
  readonly nowMs: number;
  readonly lastChangedAtMs: number;
  readonly rotationEnabled: boolean;
  readonly versions: Readonly<Record<string, WorldVersion>>;
  readonly listed: readonly VendorKey[];
  /** What the other connection to the same vendor lists. */
  readonly elsewhere: readonly VendorKey[];
}

const VERSIONS = ["v0", "v1", "v2", "v3"] as const;

const timeMs = fc.constantFrom(0, 60_000, HOUR_MS, 7 * HOUR_MS, 2 * DAY_MS, 30 * DAY_MS).map((agoMs) => NOW - agoMs);

const labelsOfOne = fc
  .uniqueArray(fc.constantFrom("retiring", "abandoned", "compromised", "compromised-first", "someone's"), {
    maxLength: 3,
  })
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        name === "someone's" ? fc.constant(name) : timeMs.map((atMs) => markLabel(name as "retiring", atMs)),
      ),
    ),
  );

const lastUse = fc.constantFrom("never" as const, "not told" as const, NOW - 60_000, NOW - 3 * DAY_MS);

/** A key for a version: at its vendor under the generation's name or another, active or not, or not there. */
const keyFor = (versionId: string) =>
  fc.record({
    place: fc.constantFrom("pictify", "pictify-eu", "nowhere"),
    active: fc.boolean(),
    lastUse,
    createdAtMs: fc.oneof(timeMs, fc.constant(undefined)),
    name: fc.constantFrom(undefined, "Production API Server"),
    /** Another version's key, the version's own, or none. */
    holds: fc.constantFrom("own", "own", "own", "v0", "no value", "not ours"),
    versionId: fc.constant(versionId),
  });

const stray = fc.record({
  id: fc.constantFrom("stray-a", "stray-b", "somebody-a", "somebody-b"),
  lastUse,
  createdAtMs: timeMs,
});

const idOf = (versionId: string): string => `key-${versionId}`;

export const anyWorld: fc.Arbitrary<World> = fc
  .record({
    keys: fc.tuple(...VERSIONS.map(keyFor)),
    labels: fc.tuple(...VERSIONS.map(() => labelsOfOne)),
    current: fc.constantFrom(...VERSIONS, undefined),
    previous: fc.constantFrom(...VERSIONS, undefined),
    pending: fc.constantFrom(...VERSIONS, undefined),
    strays: fc.uniqueArray(stray, { selector: ({ id }) => id, maxLength: 3 }),
    lastChangedAtMs: timeMs,
    rotationEnabled: fc.constantFrom(true, true, true, false),
  })
  .map(({ keys, labels, current, previous, pending, strays, lastChangedAtMs, rotationEnabled }) => {
    const special = (versionId: string) => [
      ...(versionId === current ? [CURRENT] : []),
      ...(versionId === previous && versionId !== current ? [PREVIOUS] : []),
      ...(versionId === pending ? [PENDING] : []),
    ];
    const versions = Object.fromEntries(
      keys.map(({ versionId, holds }, index): [string, WorldVersion] => {
        const stored =
          holds === "no value" || holds === "not ours" ? holds : storedKey(idOf(holds === "own" ? versionId : holds));
        return [versionId, { labels: [...special(versionId), ...(labels[index] ?? [])], stored }];
      }),
    );
    const at = (place: string) =>
      keys
        .filter((one) => one.place === place)
        .map(({ versionId, active, lastUse: used, createdAtMs, name }) =>
          vendorKey(idOf(versionId), versionId, { active, lastUse: used, createdAtMs, ...(name ? { name } : {}) }),
        );
    const others = strays.map(({ id, ...rest }) =>
      vendorKey(id, id, { ...rest, ...(id.startsWith("somebody") ? { name: `${id}-kt-old` } : {}) }),
    );
    return {
      nowMs: NOW,
      lastChangedAtMs,
      rotationEnabled,
      versions,
      listed: [...at("pictify"), ...others],
      elsewhere: at("pictify-eu"),
    };
  });

const stagesOf = ({ versions }: World): Stages =>
  Object.fromEntries(
    Object.entries(versions)
      .filter(([, { labels }]) => labels.length > 0)
      .map(([versionId, { labels }]) => [versionId, labels]),
  );

/** What a pass sees of a world. */
export const observedWorld = (world: World): Observation => {
  const stages = stagesOf(world);
  const stored = Object.fromEntries(Object.keys(stages).map((id) => [id, world.versions[id]?.stored ?? "no value"]));
  const { lastChangedAtMs, rotationEnabled } = world;
  const alive = new Set([...world.listed, ...world.elsewhere].filter(({ active }) => active).map(({ id }) => id));
  const standings = Object.fromEntries(
    Object.entries(stored).flatMap(([id, one]) =>
      typeof one === "object" && !alive.has(one.keyId) ? [[id, "refused" as const]] : [],
    ),
  );
  const key: ObservedKey = keyOf({
    stages,
    listed: [],
    stored,
    standings,
    secret: { lastChangedAtMs, rotationEnabled, createdAtMs: NOW - 90 * DAY_MS },
  });
  const busy = { ...adminKey, lastUse: world.nowMs - 5 * 60_000 };
  const listing = (keys: readonly VendorKey[]) => ({ keys: [...keys, busy], vendorNowMs: undefined });
  return {
    nowMs: world.nowMs,
    serviceId: SERVICE_ID,
    keys: [key],
    vendors: new Map([
      ["pictify", { connection: connectionOf("pictify"), listing: listing(world.listed) }],
      ["pictify-eu", { connection: connectionOf("pictify-eu"), listing: listing(world.elsewhere) }],
    ]),
  };
};

const withVersion = (
  world: World,
  versionId: string,
  change: (labels: readonly string[]) => readonly string[],
): World => {
  const version = world.versions[versionId];
  if (!version) return world;
  const versions = { ...world.versions, [versionId]: { ...version, labels: change(version.labels) } };
  return { ...world, versions, lastChangedAtMs: world.nowMs };
};

const without = (label: string) => (labels: readonly string[]) => labels.filter((one) => one !== label);
const adding = (label: string) => (labels: readonly string[]) => [...labels, label];

const holderOf = ({ versions }: World, label: string): string | undefined =>
  Object.keys(versions).find((id) => versions[id]?.labels.includes(label));

const moved = (world: World, label: string, to: string): World => {
  const from = holderOf(world, label);
  return withVersion(from === undefined ? world : withVersion(world, from, without(label)), to, adding(label));
};

/** A new generation is minted, verified and promoted, as the four steps do it. */
const rotated = (world: World): World => {
  const versionId = `rotated-at-${world.nowMs}`;
  const id = idOf(versionId);
  const outgoing = holderOf(world, CURRENT);
  const minted: World = {
    ...world,
    versions: { ...world.versions, [versionId]: { labels: [], stored: storedKey(id, { issuedAtMs: world.nowMs }) } },
    listed: [...world.listed, vendorKey(id, versionId, { createdAtMs: world.nowMs })],
  };
  const marked =
    outgoing === undefined
      ? minted
      : withVersion(minted, outgoing, (labels) => [
          ...labels.filter((label) => !label.startsWith("keyturn/retiring/")),
          markLabel("retiring", world.nowMs),
        ]);
  const promoted = moved(moved(marked, CURRENT, versionId), PENDING, versionId);
  return outgoing === undefined ? promoted : moved(promoted, PREVIOUS, outgoing);
};

const revoked = (world: World, keyId: string): World => {
  const end = (keys: readonly VendorKey[]) => keys.map((key) => (key.id === keyId ? { ...key, active: false } : key));
  return { ...world, listed: end(world.listed), elsewhere: end(world.elsewhere) };
};

/** A confirmed revocation leaves no mark of ours but that the whole secret was destroyed. */
const unmarked = (world: World, versionId = ""): World =>
  withVersion(world, versionId, (labels) => {
    const own = ownMarks(labels).filter((label) => marks("destroyed", [label]).length === 0);
    return labels.filter((label) => !own.includes(label));
  });

/** The decision to revoke is marked, and the vendor asked; nobody has confirmed it. */
const decidedAndRevoked = (world: World, action: Revoke): World => {
  const { versionId = "", ground, keyId } = action;
  if (ground !== "retired") return revoked(world, keyId);
  const marked = withVersion(world, versionId, (labels) => [
    ...labels.filter((label) => marks("retiring", [label]).length === 0),
    markLabel("revoking", world.nowMs),
  ]);
  return revoked(marked, keyId);
};

/** The world after one action of reconcile. */
export const worldAfter = (world: World, action: Action): World => {
  switch (action.kind) {
    case "revoke": {
      const confirmed = unmarked(revoked(world, action.keyId), action.versionId);
      return action.followUp ? rotated(confirmed) : confirmed;
    }
    case "unlabel":
      return withVersion(world, action.versionId, without(action.label));
    case "retire":
      return withVersion(world, action.versionId, adding(markLabel("retiring", world.nowMs)));
    case "reclaim": {
      const holder = Object.keys(world.versions).find((id) => {
        const { labels, stored } = world.versions[id] ?? {};
        return labels?.length === 0 && typeof stored === "object" && stored.keyId === action.keyId;
      });
      return holder === undefined ? world : withVersion(world, holder, adding(markLabel("retiring", world.nowMs)));
    }
    case "abandon":
      return withVersion(world, action.versionId, (labels) => [
        ...without(PENDING)(labels),
        markLabel("abandoned", world.nowMs),
      ]);
    case "rotate": {
      const cleared = action.clear.reduce((now, one) => withVersion(now, one.versionId, without(one.label)), world);
      return rotated(cleared);
    }
    case "revive":
    case "ensure":
    case "update":
      return rotated(world);
    case "confirm": {
      const done = withVersion(world, action.versionId, (labels) =>
        labels.filter((one) => !action.labels.includes(one)),
      );
      return action.followUp ? rotated(done) : done;
    }
    case "probe":
    case "try":
    case "distribute":
    case "report":
      return world;
  }
};

/** The world after an action that died between its two effects, or after the first where there is only one. */
export const worldAfterHalf = (world: World, action: Action): World => {
  if (action.kind === "abandon")
    return withVersion(world, action.versionId, adding(markLabel("abandoned", world.nowMs)));
  if (action.kind === "revoke") return decidedAndRevoked(world, action);
  return action.kind === "rotate" ? rotated(world) : worldAfter(world, action);
};

export const later = (world: World, byMs: number): World => ({ ...world, nowMs: world.nowMs + byMs });
