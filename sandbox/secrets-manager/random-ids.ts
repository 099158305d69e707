/** A source of numbers from 0 (inclusive) to 1 (exclusive), such as Math.random. */
export type Random = () => number;

const SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const SUFFIX_LENGTH = 6;

/** The six characters that Secrets Manager appends to a name in the ARN. */
export const arnSuffix = (random: Random): string =>
  Array.from({ length: SUFFIX_LENGTH }, () =>
    SUFFIX_ALPHABET.charAt(Math.floor(random() * SUFFIX_ALPHABET.length)),
  ).join("");

/** A version 4 UUID made from `random`, so that a seeded run repeats itself. */
export function uuid(random: Random): string {
  return "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, (place) => {
    const digit = Math.floor(random() * 16);
    return (place === "x" ? digit : (digit & 0x3) | 0x8).toString(16);
  });
}
