/** What Terraform shows as "(known after apply)". */
export const UNKNOWN: unique symbol = Symbol("known after apply");

/** A value of Terraform's: of an attribute, of a block, of a whole resource. */
export type Value =
  | null
  | boolean
  | number
  | string
  | typeof UNKNOWN
  | readonly Value[]
  | { readonly [attribute: string]: Value };

/** A whole configuration or state of something, by attribute. */
export type ObjectValue = { readonly [attribute: string]: Value };

export const isObject = (value: Value | undefined): value is ObjectValue =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The text of an attribute; `undefined` where it is null, absent or not known yet. */
export const textOf = (value: Value | undefined): string | undefined => (typeof value === "string" ? value : undefined);

/** Deep equality. Two unknown values are not equal: nothing says that they will be. */
export const sameValue = (a: Value, b: Value): boolean => {
  if (a === UNKNOWN || b === UNKNOWN) return false;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((value, index) => sameValue(value, b[index] ?? null));
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => sameValue(a[name] ?? null, b[name] ?? null));
};
