import { ownedName } from "../contracts/key-name.ts";
import type { Redacted } from "../redacted.ts";

/*
 * Whether an id and a value are of one key. Of a key that was minted here both came in one answer. Of one that people made, a value says
 * what its id is, and only what the vendor shows of the key can confirm it.
 */

/** What all keys of a vendor begin with, such as `pk_live_` or `sk-proj-`, tells none of them; some characters more do. */
const COMMON = /^(?:[a-z0-9]+[_-])+/i;
/** So does a word alone, such as `live`. */
const WORD = /^[a-z]+$/i;
/** And what vendors put behind the first part, such as `pk_live`. */
const KIND = /^(?:live|test|prod|production|staging|sandbox|dev|secret|public|private|admin|api|key|proj)$/i;
const TELLING_CHARACTERS = 3;
/** What stands for what is not shown. */
const MASK = /[…*•]+|\.{2,}/u;

/** What a vendor shows of a value's beginning, without the dots or stars that are not in it, and what may follow them. */
export const shownBeginning = (shown: string): string => shown.split(MASK, 1)[0] ?? "";

/** What it shows of the end: `pk_live_…x4Fz`. */
const shownEnd = (shown: string): string => (MASK.test(shown) ? (shown.split(MASK).at(-1) ?? "") : "");

const tellsBy = (beginning: string): number => {
  const rest = beginning.replace(COMMON, "");
  return WORD.test(beginning) || KIND.test(rest) ? 0 : rest.length;
};

/** Whether a value may be the one of which a vendor shows that much, or that little. */
export const fitsShown = (value: Redacted, shown: string): boolean => {
  const [text, beginning, end] = [value.reveal(), shownBeginning(shown), shownEnd(shown)];
  return text.length >= beginning.length + end.length && text.startsWith(beginning) && text.endsWith(end);
};

/** Whether a vendor shows enough of a value to tell that it is the one of the key. */
export const isShown = (value: Redacted, shown = ""): boolean =>
  Math.max(tellsBy(shownBeginning(shown)), shownEnd(shown).length) >= TELLING_CHARACTERS && fitsShown(value, shown);

/** Whether the service gave a key its name, so that it was minted, and its id was told with its value. */
export const isMinted = (name: string, serviceId: string): boolean => ownedName(name)?.serviceId === serviceId;

/** A key that is to be revoked. */
interface InDoubt {
  readonly keyName: string;
  /** What its vendor shows of its value. */
  readonly prefix?: string | undefined;
  /** Not there: no value was read, so that nothing but the vendor says its id. */
  readonly value: Redacted | undefined;
}

/** Whether it is known that the id is that of the key to be revoked: not by the word of whoever put a value. */
export const isIdKnown = (serviceId: string, { keyName, prefix, value }: InDoubt): boolean =>
  value === undefined || isMinted(keyName, serviceId) || isShown(value, prefix);

export const NOT_SHOWN =
  "its vendor does not show that the value is the one of this id, so that a person has to revoke it at the vendor once it is replaced";
