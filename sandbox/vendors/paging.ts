/*
 * Both vendors' lists are ordered by the time of making, oldest first (I), and that order never changes. So between two pages of
 * one reading: a key made meanwhile appears at the end, nothing is shown twice, and nothing is skipped, except that a key deleted
 * meanwhile moves those after it one place forward, so that one of them may be missed. A vendor that lists newest first is not modelled.
 */

/** Pictify's pagination object (P). */
export interface Pagination {
  readonly page: number;
  readonly limit: number;
  readonly total: number;
  readonly totalPages: number;
  readonly hasNext: boolean;
  readonly hasPrev: boolean;
}

/** Reads a whole number of at least `lowest` from a query; `fallback` when it is not there; undefined when it is something else. */
export const wholeNumber = (text: string | undefined, fallback: number, lowest: number): number | undefined => {
  if (text === undefined) return fallback;
  const value = Number(text);
  return /^\d{1,9}$/.test(text) && value >= lowest ? value : undefined;
};

/** Page `page` (from 1) of `limit` items. A page past the end is empty. */
export const pageOf = <T>(
  items: readonly T[],
  page: number,
  limit: number,
): { items: readonly T[]; pagination: Pagination } => {
  const total = items.length;
  const totalPages = Math.ceil(total / limit);
  const pagination = { page, limit, total, totalPages, hasNext: page < totalPages, hasPrev: page > 1 };
  return { items: items.slice((page - 1) * limit, page * limit), pagination };
};
