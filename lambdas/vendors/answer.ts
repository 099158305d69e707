import type { LastUse, Listing, VendorKey } from "./vendor.ts";
import { VendorError } from "./vendor-error.ts";

/** Vendors' answers, read tolerantly: unknown fields are ignored, a field may have one of several names. */
export type Fields = Readonly<Record<string, unknown>>;

const bad = (what: string, problem: string): VendorError => new VendorError("BAD_ANSWER", `${what}: ${problem}`);

export const fieldsOf = (value: unknown, what: string): Fields => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw bad(what, `must be an object, is ${Array.isArray(value) ? "a list" : typeof value}`);
};

const firstOf = (fields: Fields, names: readonly string[]): unknown =>
  names.map((name) => fields[name]).find((value) => value !== undefined);

/** A text under one of `names`; `undefined` when there is none. */
export const optionalText = (fields: Fields, names: readonly string[]): string | undefined => {
  const value = firstOf(fields, names);
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** @throws VendorError BAD_ANSWER that names the field, never its value */
export const text = (fields: Fields, names: readonly string[], what: string): string => {
  const value = optionalText(fields, names);
  if (value === undefined) throw bad(what, `has no text in ${names.join(" or ")}`);
  return value;
};

/** A time in milliseconds; `undefined` when there is none that can be read. */
export const optionalTimeMs = (fields: Fields, names: readonly string[]): number | undefined => {
  const timeMs = Date.parse(optionalText(fields, names) ?? "");
  return Number.isNaN(timeMs) ? undefined : timeMs;
};

const DATE_ONLY = /^\d{4}-\d{2}-\d{2}$/;
const LAST_MS_OF_DAY = 86_400_000 - 1;

/** When a key was last used. A bare date counts as the end of that UTC day; null is never; missing is no evidence. */
export const lastUse = (fields: Fields, names: readonly string[]): LastUse => {
  const value = firstOf(fields, names);
  if (value === null) return "never";
  if (typeof value !== "string") return "unknown";
  const timeMs = Date.parse(value);
  if (Number.isNaN(timeMs)) return "unknown";
  return DATE_ONLY.test(value) ? timeMs + LAST_MS_OF_DAY : timeMs;
};

/** The list that an answer carries: the answer itself, or what it has under one of `names`. */
export const itemsOf = (body: unknown, names: readonly string[], what: string): readonly Fields[] => {
  const list = Array.isArray(body) ? body : firstOf(fieldsOf(body, what), names);
  if (!Array.isArray(list)) throw bad(what, `has no list in ${names.join(" or ")}`);
  return list.map((item, index) => fieldsOf(item, `${what}, item ${index}`));
};

export interface Page extends Listing {
  /** Whether the answer itself says that more keys follow; `undefined` when it says nothing about it. */
  readonly hasMore: boolean | undefined;
}

/** Page sizes are round numbers, so a round count that comes without a word about further pages may have been cut. */
const mayBeCut = (count: number): boolean => count >= 10 && count % 5 === 0;

/**
 * Collects all pages of a list. A page that brings no new key ends it, also for a vendor that ignores paging.
 * @param fetchPage asks for the page after `received` keys in `pages` pages; the first page must be asked for plainly
 */
export const collectPages = async (fetchPage: (received: number, pages: number) => Promise<Page>): Promise<Listing> => {
  const keys = new Map<string, VendorKey>();
  for (let pages = 0; ; pages++) {
    const page = await fetchPage(keys.size, pages);
    const before = keys.size;
    for (const key of page.keys) keys.set(key.id, key);
    const grew = keys.size > before;
    if (!grew || !(page.hasMore ?? mayBeCut(page.keys.length)))
      return { keys: [...keys.values()], vendorNowMs: page.vendorNowMs };
  }
};
