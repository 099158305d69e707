/*
 * Both vendors' lists are ordered by the time of making, oldest first (I), and that order never changes. So between two pages of
 * one reading: a key made meanwhile appears at the end, nothing is shown twice, and nothing is skipped, except that a key deleted
 * meanwhile moves those after it one place forward, so that one of them may be missed. A vendor that lists newest first is the fault
 * `list-reversed` on every call.
 */

/** How a vendor pages its list, where that is not as its documents have it (I). */
export interface PageForm {
  /** The most keys of a page, 1 to 500, and as many unless told. `null`: the vendor's own figures. */
  readonly pageSize: number | null;
  /** What a page says of further ones: the truth; nothing; always that it is the last; always that more follow. */
  readonly pageFlags: "true" | "none" | "always-last" | "always-more";
  /** A page after the last one: empty, the last one again, or refused. */
  readonly pastTheEnd: "empty" | "last-page" | 400 | 404 | 422;
}

/** What is asked for: so many items from this one on, counted from 0. */
export interface Window {
  readonly offset: number;
  readonly limit: number;
}

/** What is said of a list besides the items of one page, lies included. */
export interface Further {
  readonly total: number;
  readonly hasMore: boolean;
}

export type Page<T> =
  | { readonly items: readonly T[]; readonly offset: number; readonly further: Further | undefined }
  | { readonly refusedWith: 400 | 404 | 422 };

/** @throws RangeError for a size of pages that is none */
export const checkPageForm = ({ pageSize }: PageForm): void => {
  if (pageSize === null || (Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= 500)) return;
  throw new RangeError(`A page has 1 to 500 keys, not ${pageSize}: set pageSize to such a number, or to null.`);
};

/** Reads a whole number of at least `lowest` from a query; `fallback` when it is not there; undefined when it is something else. */
export const wholeNumber = (text: string | undefined, fallback: number, lowest: number): number | undefined => {
  if (text === undefined) return fallback;
  const value = Number(text);
  return /^\d{1,9}$/.test(text) && value >= lowest ? value : undefined;
};

/** How many keys a page has that is asked for with `limit`; undefined when that is no number of keys. */
export const pageLimit = (
  limit: string | undefined,
  { pageSize }: PageForm,
  figures: { readonly usual: number; readonly most: number },
): number | undefined => {
  const asked = wholeNumber(limit, pageSize ?? figures.usual, 1);
  return asked === undefined ? undefined : Math.min(asked, pageSize ?? figures.most);
};

const said = ({ offset, limit }: Window, total: number, { pageFlags }: PageForm): Further | undefined => {
  const endsAt = offset + limit;
  switch (pageFlags) {
    case "true":
      return { total, hasMore: endsAt < total };
    case "none":
      return undefined;
    case "always-last":
      return { total: Math.min(total, endsAt), hasMore: false };
    case "always-more":
      return { total: Math.max(total, endsAt) + limit, hasMore: true };
  }
};

/** One page of `items`, as the vendor's form has it. A list without items has one empty page. */
export const pageOf = <T>(items: readonly T[], { offset: asked, limit }: Window, form: PageForm): Page<T> => {
  const isPast = asked > 0 && asked >= items.length;
  if (isPast && typeof form.pastTheEnd === "number") return { refusedWith: form.pastTheEnd };
  const last = Math.max(0, Math.ceil(items.length / limit) - 1) * limit;
  const offset = isPast && form.pastTheEnd === "last-page" ? last : asked;
  const further = said({ offset, limit }, items.length, form);
  return { items: items.slice(offset, offset + limit), offset, further };
};
