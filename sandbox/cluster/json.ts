/** A JSON value, and an object of them. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [field: string]: Json | undefined;
}

/**
 * An object as its leaves: what is neither an object nor empty, by its path. Lists are leaves: they are changed as a whole.
 */
export type Leaves = ReadonlyMap<string, Json>;

/** A path as the text that leaves go by. Names of fields never have this character. */
const BETWEEN = "\u0000";
export const pathText = (path: readonly string[]): string => path.join(BETWEEN);
export const pathOf = (text: string): readonly string[] => text.split(BETWEEN);

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The leaves of an object, `null`s included. */
export const leavesOf = (object: JsonObject, above: readonly string[] = []): Map<string, Json> => {
  const leaves = new Map<string, Json>();
  for (const [field, value] of Object.entries(object)) {
    const path = [...above, field];
    if (isObject(value)) for (const [text, leaf] of leavesOf(value, path)) leaves.set(text, leaf);
    else if (value !== undefined) leaves.set(pathText(path), value);
  }
  return leaves;
};

const put = (object: Record<string, unknown>, [field = "", ...rest]: readonly string[], value: Json): void => {
  if (rest.length === 0) {
    object[field] = value;
    return;
  }
  const below = (object[field] ?? {}) as Record<string, unknown>;
  object[field] = below;
  put(below, rest, value);
};

/** The object that has these leaves. */
export const objectOf = (leaves: Leaves): JsonObject => {
  const object: Record<string, unknown> = {};
  for (const [text, value] of leaves) put(object, pathOf(text), value);
  return object as JsonObject;
};

const objects = new WeakMap<Leaves, JsonObject>();

/** The same, for leaves that do not change any more. */
export const objectOnce = (leaves: Leaves): JsonObject => {
  const object = objects.get(leaves) ?? objectOf(leaves);
  objects.set(leaves, object);
  return object;
};

export const isSame = (one: Json | undefined, other: Json | undefined): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

/** The paths at which two sets of leaves differ. */
export const differences = (one: Leaves, other: Leaves): readonly string[] =>
  [...new Set([...one.keys(), ...other.keys()])].filter((text) => !isSame(one.get(text), other.get(text)));

/** RFC 7396 ("JSON Merge Patch"): `null` takes away, an object goes into what is there, all else replaces it. */
export const merged = (leaves: Leaves, patch: JsonObject): Leaves => {
  const next = new Map(leaves);
  for (const [text, value] of leavesOf(patch)) {
    for (const known of next.keys()) if (known === text || known.startsWith(text + BETWEEN)) next.delete(known);
    if (value !== null) next.set(text, value);
  }
  return next;
};
