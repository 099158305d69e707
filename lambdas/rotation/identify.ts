import { KeyturnError } from "../errors.ts";
import { fitsShown, isShown } from "../evidence/identity.ts";
import type { Listing, MintedKey, VendorKey } from "../vendors/vendor.ts";
import type { Rotation } from "./rotation.ts";

/*
 * Which listed key a minted value is of, where the create answer did not say it. Others may have its name, whose values were lost.
 */

/** A minted key whose id is known, so that it can be stored, and revoked. */
export type IdentifiedKey = MintedKey & { readonly id: string };

const SECOND_MS = 1_000;

/** Waits before each look for a new key in the list, which may be minutes behind: four in all, if the function's time goes so far. */
const LOOKS_MS = [0, 1, 2, 4, 8, 15, 30, 30, 30, 60, 60].map((seconds) => seconds * SECOND_MS);
/** So many looks are for a key that was not there before; a list shows an older one at once. */
const LOOKS_FOR_NEW = 5;
/** What is kept of the function's time, for the value to be stored. */
const RESERVE_MS = 20 * SECOND_MS;

/** A minted key without an id, and what tells it from others of its name, whose values were lost. */
interface Unidentified {
  readonly minted: MintedKey;
  /** Keys that were revoked under its name, and may still be listed as active, or only now. */
  readonly revokedIds: readonly string[];
  /** What was listed before it was minted. */
  readonly before: Listing;
}

const UNITS_MS = [24 * 60 * 60 * SECOND_MS, 60 * SECOND_MS];

/** Whether a key was made before a moment by the vendor's clock, as exactly as its time is told: to the day, the minute or the second. */
const isOlder = (createdAtMs: number, momentMs: number): boolean => {
  const unitMs = UNITS_MS.find((ms) => createdAtMs % ms === 0) ?? SECOND_MS;
  return createdAtMs < momentMs - (momentMs % unitMs);
};

/** How well a listed key of the name fits: `it` for sure, by its value; `new`; `older`, which a repeated answer may be of; or not. */
type Fit = "it" | "new" | "older" | "not it";

const fitOf = (key: VendorKey, { minted, revokedIds, before }: Unidentified): Fit => {
  if (revokedIds.includes(key.id) || !fitsShown(minted.value, key.prefix ?? "")) return "not it";
  if (isShown(minted.value, key.prefix)) return "it";
  const { createdAtMs } = key;
  const wasThere = before.keys.some(({ id }) => id === key.id);
  const isKnownOlder =
    createdAtMs !== undefined && before.vendorNowMs !== undefined && isOlder(createdAtMs, before.vendorNowMs);
  return wasThere || isKnownOlder ? "older" : "new";
};

/** Finds the listed keys that fit best. One that is older fits only where the vendor may have repeated an answer. */
const bestFitting = (keys: readonly VendorKey[], one: Unidentified, mayBeOlder: boolean): readonly VendorKey[] => {
  const fitting = (fit: Fit) => keys.filter((key) => fitOf(key, one) === fit);
  const fits: readonly Fit[] = mayBeOlder ? ["it", "new", "older"] : ["it", "new"];
  return fits.map(fitting).find(({ length }) => length > 0) ?? [];
};

const notIdentified = ({ keyName }: Rotation, problem: string, cause?: unknown): KeyturnError =>
  new KeyturnError(
    "MINT_UNKNOWN",
    `the vendor minted ${keyName} without telling its id, and ${problem}; the next try looks again`,
    { retryable: true, cause },
  );

/** A list that fails here is no failure to mint: there is a key. */
const listAfterMint = async (rotation: Rotation): Promise<Listing> => {
  try {
    return await rotation.vendor.list();
  } catch (cause) {
    throw notIdentified(rotation, "could not be listed", cause);
  }
};

/**
 * Finds the id of a minted key whose create answer did not tell it: only the value is sure to be in there.
 * @throws KeyturnError MINT_UNKNOWN (retryable)
 */
export const identify = async (rotation: Rotation, one: Unidentified): Promise<IdentifiedKey> => {
  const { minted } = one;
  if (minted.id !== undefined) return { ...minted, id: minted.id };
  const { invocation, vendor, keyName } = rotation;
  let found: readonly VendorKey[] = [];
  for (const [look, waitMs] of LOOKS_MS.entries()) {
    if (waitMs > invocation.remainingMs() - RESERVE_MS) break;
    if (waitMs > 0) await invocation.clock.sleep(waitMs);
    const named = (await listAfterMint(rotation)).keys.filter(({ active, name }) => active && name === keyName);
    found = bestFitting(named, one, vendor.vendor.replaysCreate && look >= LOOKS_FOR_NEW);
    const [listed] = found;
    if (listed && found.length === 1)
      return { ...minted, id: listed.id, createdAtMs: minted.createdAtMs ?? listed.createdAtMs };
    if (found.length > 1) break;
  }
  throw notIdentified(rotation, `lists ${found.length} keys of that name which it may be`);
};
