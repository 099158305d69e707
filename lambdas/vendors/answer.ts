import { type Moment, momentOf } from "./time-forms.ts";
import type { Listing, RevokeAnswer, VendorKey } from "./vendor.ts";
import { VendorError, type VendorErrorCode } from "./vendor-error.ts";

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

/** A time in milliseconds; `undefined` when there is none whose form tells it for sure. */
export const optionalTimeMs = (fields: Fields, names: readonly string[]): number | undefined =>
  momentOf(firstOf(fields, names))?.fromMs;

/** The names under which a key's id comes, at any vendor. */
const ID = ["id", "key_id", "keyId", "uuid"];

const isId = (value: unknown): boolean =>
  typeof value === "string" ? value.trim() !== "" : Number.isSafeInteger(value) && value !== 0;

/** A key's id, which may be a number; `undefined` when there is none. */
export const optionalId = (fields: Fields): string | undefined => {
  const found = ID.map((name) => fields[name]).find(isId);
  return found === undefined ? undefined : String(found);
};

/** @throws VendorError BAD_ANSWER */
export const idOf = (fields: Fields, what: string): string => {
  const id = optionalId(fields);
  if (id === undefined) throw bad(what, `has no id in ${ID.join(" or ")}`);
  return id;
};

/** The names under which the time of a key's last use comes, at any vendor, in the key or in something in it. */
const LAST_USE = /^(?:last[_-]?(?:used?|usage|seen)|used)(?:[_-]?(?:at|on|time|date))?$/i;

/** All that a listing tells of a key's last use, whatever it calls it. */
const usesIn = (fields: Fields): readonly unknown[] =>
  Object.entries(fields).flatMap(([name, value]) => {
    if (LAST_USE.test(name)) return [value];
    const isInside = typeof value === "object" && value !== null && !Array.isArray(value);
    return isInside ? Object.entries(value).flatMap(([inner, use]) => (LAST_USE.test(inner) ? [use] : [])) : [];
  });

/**
 * When a key was last used, as its listing says it. A readable time always counts, whatever the other fields say; of several the
 * latest does. What cannot be read beside it may be a later use. Null is never, a missing field tells nothing, and all else is not
 * understood.
 */
export const lastUseOf = (fields: Fields): Pick<VendorKey, "lastUse" | "lastUseSpanMs" | "mayBeUsedLater"> => {
  const told = usesIn(fields).filter((value) => value !== undefined);
  const given = told.filter((value) => value !== null);
  const moments = given.flatMap((value) => momentOf(value) ?? []).sort((a, b) => b.untilMs - a.untilMs);
  const [latest] = moments;
  const isAll = moments.length === given.length;
  if (latest) return { lastUse: latest.untilMs, ...spanOf(latest), ...(isAll ? {} : { mayBeUsedLater: true }) };
  if (told.length === 0) return { lastUse: "not told" };
  return { lastUse: told.every((value) => value === null) ? "never" : "not understood" };
};

/** What stands for no time in a field of a time: nothing, or the zero of a clock or of a language. */
const isUnset = (value: unknown): boolean =>
  !value || (typeof value === "string" && /^(?:0001|1970)-01-01/.test(value));

/** Words for a key that may not be used: what is listed so is tried by its value before anything follows from it. */
const NOT_ACTIVE =
  /^(?:revoked|inactive|disabled|deactivated|expired|deleted|removed|suspended|blocked|invalid|cancell?ed|archived)$/i;

/** Whether a key is listed as active: unless the vendor says in some way that it is not. */
export const isActive = (fields: Fields): boolean =>
  !NOT_ACTIVE.test(optionalText(fields, ["status"]) ?? "") &&
  ["is_active", "isActive", "active"].every((name) => fields[name] !== false) &&
  ["revoked_at", "revokedAt"].every((name) => isUnset(fields[name]));

/** When a key ends by itself, as its listing says it: the earliest, where it says several. */
export const expiryOf = (fields: Fields): Pick<VendorKey, "expiresAtMs"> => {
  const told = ["expires_at", "expiresAt", "expires"].map((name) => fields[name] ?? "").filter((value) => value !== "");
  if (told.length === 0) return {};
  const ends = told.flatMap((value) => momentOf(value)?.fromMs ?? []);
  return { expiresAtMs: ends.length > 0 ? Math.min(...ends) : "not understood" };
};

/** The beginning of a key's value, as its listing shows it. */
export const prefixOf = (fields: Fields): string | undefined =>
  optionalText(fields, ["key_prefix", "keyPrefix", "prefix"]);

/** What is meant by the answers to a revocation: those that do not say what became of the key, value and listing decide. */
const NO_ANSWER: Readonly<Partial<Record<VendorErrorCode, RevokeAnswer>>> = {
  NOT_FOUND: "unclear",
  CONFLICT: "unclear",
  UNSUPPORTED: "unsupported",
};

/** @throws VendorError when it may be asked again, or asked by somebody with more rights */
export const revokeAnswer = async (answer: Promise<unknown>): Promise<RevokeAnswer> => {
  try {
    await answer;
    return "accepted";
  } catch (error) {
    const meant = error instanceof VendorError ? NO_ANSWER[error.code] : undefined;
    if (meant === undefined) throw error;
    return meant;
  }
};

const spanOf = ({ fromMs, untilMs }: Moment): Pick<VendorKey, "lastUseSpanMs"> =>
  untilMs > fromMs ? { lastUseSpanMs: untilMs - fromMs } : {};

/** The list that an answer carries: the answer itself, or what it has under one of `names`. */
export const itemsOf = (body: unknown, names: readonly string[], what: string): readonly Fields[] => {
  const list = Array.isArray(body) ? body : firstOf(fieldsOf(body, what), names);
  if (!Array.isArray(list)) throw bad(what, `has no list in ${names.join(" or ")}`);
  return list.map((item, index) => fieldsOf(item, `${what}, item ${index}`));
};

export interface Page extends Listing, Further {}

/** What an answer itself says of further keys. Nothing depends on it but whether a refused page was one that there is. */
export interface Further {
  /** Whether more follow; `undefined` when it says nothing about it. */
  readonly hasMore: boolean | undefined;
  /** How many there are in all. */
  readonly total: number | undefined;
}

/** Reads what stands beside a list, or under its `pagination`. */
export const furtherOf = (body: unknown): Further => {
  const answer = Array.isArray(body) ? {} : fieldsOf(body, "a list");
  const { pagination = answer } = answer;
  const fields = typeof pagination === "object" ? ((pagination ?? {}) as Fields) : {};
  const hasMore = firstOf(fields, ["hasNext", "has_next", "hasMore", "has_more"]);
  return {
    hasMore: typeof hasMore === "boolean" ? hasMore : undefined,
    total: typeof fields.total === "number" ? fields.total : undefined,
  };
};

/** What a vendor answers to a page that it does not have, or to a query that it does not know. */
const NO_SUCH_PAGE: ReadonlySet<VendorErrorCode> = new Set(["INVALID", "NOT_FOUND", "UNSUPPORTED", "REFUSED"]);

/** A page; `undefined` where the vendor refuses it as one that it does not have. */
export const pageUnlessRefused = async (page: Promise<Page>): Promise<Page | undefined> => {
  try {
    return await page;
  } catch (error) {
    if (error instanceof VendorError && NO_SUCH_PAGE.has(error.code)) return undefined;
    throw error;
  }
};

/** The more it says of a key's use, and the more careful it makes, the higher. */
const weightOf = ({ lastUse }: VendorKey): number => {
  if (typeof lastUse === "number") return lastUse;
  return -["not understood", "never", "not told"].indexOf(lastUse) - 1;
};

/** Whether what was listed of a key's use may hide a later one. */
const isUnclear = ({ lastUse, mayBeUsedLater }: VendorKey): boolean =>
  lastUse === "not understood" || mayBeUsedLater === true;

/** One key that was listed twice, between two changes perhaps: it is active, and used, if either says so. */
const merged = (known: VendorKey | undefined, key: VendorKey): VendorKey => {
  if (!known) return key;
  const { lastUseSpanMs: _, ...both } = { ...known, ...key };
  const { lastUse, lastUseSpanMs } = weightOf(known) > weightOf(key) ? known : key;
  const active = known.active || key.active;
  const isLater = typeof lastUse === "number" && (isUnclear(known) || isUnclear(key));
  return {
    ...both,
    active,
    lastUse,
    ...(lastUseSpanMs === undefined ? {} : { lastUseSpanMs }),
    mayBeUsedLater: isLater ? true : undefined,
  };
};

/** 100,000 keys by the hundred are 1,000 pages; one that goes on brings new ids for the same keys each time. */
const MOST_PAGES = 1_500;
/** More than that have no room in a function's 256 MB. */
const MOST_KEYS = 100_000;

/** Whether a page has the keys of another one, made at the same times and called the same, under other ids. */
const hasSameKeys = (one: Page, other: Page): boolean =>
  one.keys.length > 1 &&
  one.keys.length === other.keys.length &&
  one.keys.every(({ id, name, createdAtMs }, index) => {
    const twin = other.keys[index];
    return createdAtMs !== undefined && twin?.createdAtMs === createdAtMs && twin.name === name && twin.id !== id;
  });

/** Which page is asked for: the one after `received` keys in `pages` pages. */
export interface PageAsked {
  readonly received: number;
  readonly pages: number;
  /** How many keys a page is to have: as many as the first one. Not there: as many as the vendor likes. */
  readonly limit?: number;
}

type FetchPage = (asked: PageAsked) => Promise<Page>;

/** Whether a page said that there is one more than the keys received. */
const isAnnounced = ({ hasMore, total = Number.POSITIVE_INFINITY }: Further, received: number): boolean =>
  hasMore === true && total > received;

/**
 * Asks for further pages of `limit` keys each. Where such a page is refused it is asked for without a limit: it may be that which is refused.
 * @returns a page, or `undefined` where the vendor has none; throws VendorError also for a refused page that was announced
 */
const furtherPages = (fetchPage: FetchPage, limit: number) => {
  let isLimitTaken = true;
  return async (asked: PageAsked, last: Further): Promise<Page | undefined> => {
    const page = isLimitTaken ? await pageUnlessRefused(fetchPage({ ...asked, limit })) : undefined;
    if (page) return page;
    isLimitTaken = false;
    return isAnnounced(last, asked.received) ? fetchPage(asked) : pageUnlessRefused(fetchPage(asked));
  };
};

/**
 * Collects all pages of a list. Only a page that brings no new key ends it, whatever size, total or flag the vendor states: also for a
 * vendor that ignores paging.
 * @param first the first page, asked for plainly
 * @param fetchPage asks for a further one
 */
export const collectPages = async (first: Page, fetchPage: FetchPage): Promise<Listing> => {
  const keys = new Map<string, VendorKey>();
  const furtherPage = furtherPages(fetchPage, first.keys.length);
  let last = first;
  for (let pages = 1; ; pages++) {
    if (pages > MOST_PAGES || (last !== first && hasSameKeys(first, last)))
      throw new VendorError("BAD_ANSWER", `the list of keys does not end: page ${pages} still brings new ones`);
    const before = keys.size;
    for (const key of last.keys) keys.set(key.id, merged(keys.get(key.id), key));
    if (keys.size > MOST_KEYS)
      throw new VendorError("BAD_ANSWER", `the list of keys has more than ${MOST_KEYS} keys after ${pages} pages`);
    const further = keys.size > before ? await furtherPage({ received: keys.size, pages }, last) : undefined;
    if (!further) return { keys: [...keys.values()], vendorNowMs: first.vendorNowMs };
    last = further;
  }
};
