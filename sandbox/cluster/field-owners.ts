import { differences, isSame, type Json, type JsonObject, type Leaves, objectOf, pathOf } from "./json.ts";

/*
 * Who holds which fields of an object. Written from the Kubernetes documentation ("Server-Side Apply": field management,
 * conflicts, sharing). Leaves out: subresources, defaulted fields, and the marks (`.`, `k:`, `v:`) of what is no field by name.
 */
export interface FieldOwner {
  readonly manager: string;
  /** Apply: by server-side apply. Update: by any other change. */
  readonly operation: "Apply" | "Update";
  /** When what it holds was last changed. */
  readonly atMs: number;
  readonly paths: ReadonlySet<string>;
}

/** The fields of an object, and their owners. */
export interface Owned {
  readonly leaves: Leaves;
  readonly owners: readonly FieldOwner[];
}

export interface Writer {
  readonly manager: string;
  readonly nowMs: number;
}

/** Fields that another manager holds with another value. */
export interface Conflict {
  readonly path: readonly string[];
  readonly manager: string;
}

const isOf = (manager: string, operation: FieldOwner["operation"]) => (owner: FieldOwner) =>
  owner.manager === manager && owner.operation === operation;

const without = (owner: FieldOwner, taken: ReadonlySet<string>): FieldOwner => {
  const paths = new Set([...owner.paths].filter((path) => !taken.has(path)));
  return paths.size === owner.paths.size ? owner : { ...owner, paths };
};

const holding = (owners: readonly FieldOwner[]): readonly FieldOwner[] => owners.filter(({ paths }) => paths.size > 0);

const areSamePaths = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && [...one].every((path) => other.has(path));

/** What stands in the way of applying `wanted`. */
export const conflictsOf = ({ leaves, owners }: Owned, wanted: Leaves, manager: string): readonly Conflict[] => {
  const others = owners.filter((owner) => !isOf(manager, "Apply")(owner));
  return [...wanted].flatMap(([text, value]) => {
    if (isSame(leaves.get(text), value)) return [];
    return others
      .filter(({ paths }) => paths.has(text))
      .map((owner) => ({ path: pathOf(text), manager: owner.manager }));
  });
};

/**
 * Applies fields for a manager: sets them, takes them from whoever holds them with another value, and drops what it applied
 * before, does not apply now, and nobody else holds.
 */
export const applied = (live: Owned, wanted: Leaves, { manager, nowMs }: Writer): Owned => {
  const mine = live.owners.find(isOf(manager, "Apply"));
  const changed = new Set([...wanted].flatMap(([text, value]) => (isSame(live.leaves.get(text), value) ? [] : [text])));
  const others = live.owners.filter((owner) => owner !== mine).map((owner) => without(owner, changed));
  const leaves = new Map([...live.leaves, ...wanted]);
  for (const text of mine?.paths ?? [])
    if (!wanted.has(text) && !others.some(({ paths }) => paths.has(text))) leaves.delete(text);
  const paths = new Set(wanted.keys());
  const isUnchanged = mine && areSamePaths(mine.paths, paths) && differences(live.leaves, leaves).length === 0;
  const now: FieldOwner = { manager, operation: "Apply", atMs: isUnchanged ? mine.atMs : nowMs, paths };
  return { leaves, owners: holding([...others, now]) };
};

/** Changes fields for a manager by anything but apply: what changed is its own from then on. */
export const updated = (live: Owned, leaves: Leaves, { manager, nowMs }: Writer): Owned => {
  const changed = new Set(differences(live.leaves, leaves));
  if (changed.size === 0) return live;
  const mine = live.owners.find(isOf(manager, "Update"));
  const others = live.owners.filter((owner) => owner !== mine).map((owner) => without(owner, changed));
  const set = [...changed].filter((text) => leaves.has(text));
  const kept = [...(mine?.paths ?? [])].filter((text) => leaves.has(text));
  const now: FieldOwner = { manager, operation: "Update", atMs: nowMs, paths: new Set([...kept, ...set]) };
  return { leaves, owners: holding([...others, now]) };
};

/** RFC 3339 in whole seconds, as the API server writes times. */
export const timeOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

const treeOf = (paths: ReadonlySet<string>): JsonObject => {
  const marked = [...paths].map((text) => [
    pathOf(text)
      .map((field) => `f:${field}`)
      .join("\u0000"),
    {} as Json,
  ]);
  return objectOf(new Map(marked as [string, Json][]));
};

/** The owners as `metadata.managedFields` shows them. */
export const managedFieldsOf = (owners: readonly FieldOwner[], apiVersion: string): Json =>
  owners.map(({ manager, operation, atMs, paths }) => ({
    manager,
    operation,
    apiVersion,
    time: timeOf(atMs),
    fieldsType: "FieldsV1",
    fieldsV1: treeOf(paths),
  }));
