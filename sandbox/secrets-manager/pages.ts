import { ServiceError } from "./service-error.ts";

/** AWS's limit, and the size of a page when MaxResults is absent. */
export const LARGEST_PAGE = 100;

/** Where an item stands in a sorted list: by `key`, then by `sequence`, which no other item has. */
export interface Place {
  readonly key: string | number;
  readonly sequence: number;
}

const invalidToken = (): ServiceError =>
  new ServiceError(
    "InvalidNextTokenException",
    "The NextToken value is invalid. Use one that the same request returned.",
  );

const isBefore = (one: Place, other: Place): boolean =>
  one.key === other.key ? one.sequence < other.sequence : one.key < other.key;

/**
 * One page of a list, and the token of the next one if there is more. The token names the last item of a page, so items
 * that come or go between two pages neither repeat nor hide others.
 * @param isWanted leaves items out; asked only for as many as the page needs
 * @param query tells apart lists that must not share tokens (operation, secret, order)
 * @throws InvalidNextTokenException
 */
export function pageOf<Item>(
  items: readonly Item[],
  options: {
    query: string;
    placeOf: (item: Item) => Place;
    isWanted?: (item: Item) => boolean;
    descending?: boolean;
    size: number | undefined;
    token: string | undefined;
  },
): { page: Item[]; nextToken: string | undefined } {
  const { query, placeOf, isWanted = () => true, descending = false, size = LARGEST_PAGE, token } = options;
  const after = token === undefined ? undefined : readToken(token, query);
  const comesFirst = (one: Place, other: Place) => (descending ? isBefore(other, one) : isBefore(one, other));
  const placed = items.map((item) => ({ item, place: placeOf(item) }));
  const rest = after === undefined ? placed : placed.filter(({ place }) => comesFirst(after, place));
  rest.sort((a, b) => (comesFirst(a.place, b.place) ? -1 : 1));
  const found = firstWanted(rest, ({ item }) => isWanted(item), size + 1);
  const last = found[size - 1];
  const nextToken = found.length > size && last !== undefined ? writeToken(query, last.place) : undefined;
  return { page: found.slice(0, size).map(({ item }) => item), nextToken };
}

function firstWanted<Item>(items: readonly Item[], isWanted: (item: Item) => boolean, count: number): Item[] {
  const found: Item[] = [];
  for (const item of items) {
    if (found.length === count) break;
    if (isWanted(item)) found.push(item);
  }
  return found;
}

const writeToken = (query: string, place: Place): string =>
  Buffer.from(JSON.stringify([query, place.key, place.sequence])).toString("base64url");

function readToken(token: string, query: string): Place {
  try {
    const [itsQuery, key, sequence] = JSON.parse(Buffer.from(token, "base64url").toString());
    if (itsQuery === query && typeof sequence === "number") return { key, sequence };
  } catch {
    // Not JSON: no token of ours, which is said below.
  }
  throw invalidToken();
}
