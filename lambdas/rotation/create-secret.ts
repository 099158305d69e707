import { worksByMs } from "../contracts/grants.ts";
import { generationOf, isGenerationOf } from "../contracts/key-name.ts";
import { CURRENT, freeMarkLabel, MAX_OWN_LABELS, PENDING, versionWith } from "../contracts/labels.ts";
import { type SecretValue, secretValueText } from "../contracts/secret-value.ts";
import { KeyturnError } from "../errors.ts";
import { controlBy, standingOf } from "../evidence/refusal.ts";
import { revokeOrTell } from "../revocation.ts";
import { isDefiniteRefusal, labelCount, type SecretFacts } from "../secrets.ts";
import type { Listing, VendorKey } from "../vendors/vendor.ts";
import { VendorError } from "../vendors/vendor-error.ts";
import { abandon, abandonDead, abandonPending } from "./abandon.ts";
import type { IdentifiedKey } from "./identify.ts";
import { noteInVain } from "./in-vain.ts";
import { revokeLeftBehind } from "./left-behind.ts";
import { isListedOtherwise } from "./listed-otherwise.ts";
import { generationFrom, mint, takeBack } from "./mint.ts";
import { mintingLeftMs } from "./minting-age.ts";
import { checkWanted, type Rotation, storedGeneration } from "./rotation.ts";
import { checkFreeSlot, hasFreeSlot } from "./slots.ts";
import { checkListing, whatItReplaces } from "./whole-listing.ts";

/** A stored value is kept while it may work; one whose key turned out dead gives its token up. */
const keepOrAbandon = async (rotation: Rotation, stored: SecretValue): Promise<void> => {
  const { invocation, connection, vendor } = rotation;
  if (invocation.clock.now() <= worksByMs(connection, stored.issuedAtMs)) return;
  if ((await standingOf(vendor, stored.apiKey, controlBy(vendor))) !== "refused") return;
  throw await abandonDead(rotation, stored.keyId);
};

const checkLabels = ({ secret }: Rotation): void => {
  const count = labelCount(secret);
  if (count < MAX_OWN_LABELS) return;
  throw new KeyturnError(
    "LABEL_LIMIT",
    `${secret.name} has ${count} labels of Keyturn's, mostly of generations that wait for their retirement, so none was minted; the log of reconcile says what each waits for`,
  );
};

/**
 * A value that somebody put, or AWSCURRENT that somebody moved, while the key was minted. AWS takes AWSPENDING away then and
 * ends the rotation; storing the value has put it back, and nobody would go on with it.
 */
const isOvertaken = ({ secret, token }: Rotation, { stages }: SecretFacts): boolean => {
  const [before, now] = [versionWith(secret.stages, CURRENT), versionWith(stages, CURRENT)];
  return now !== before && now !== token && (stages[token]?.includes(PENDING) ?? false);
};

/**
 * Looks once more after a mint: whoever destroyed the managed key meanwhile may have looked before the new key was there.
 * @throws KeyturnError DESTROYED, after taking the key back; GENERATION_DEAD when it is given up
 */
const checkStillWanted = async (rotation: Rotation, minted: IdentifiedKey): Promise<void> => {
  const { secret, invocation } = rotation;
  const fresh = await invocation.secrets.describe(secret.arn);
  if (fresh && isOvertaken(rotation, fresh))
    throw await abandon({ ...rotation, secret: fresh }, "another version became current while its key was minted");
  try {
    checkWanted(fresh ?? { ...secret, deletedAtMs: invocation.clock.now() });
  } catch (error) {
    await takeBack(rotation, minted.id, "its managed key was destroyed meanwhile");
    throw error;
  }
};

/** IAM: "changes … are eventually consistent". A right that is still missing after this is missing. */
const RIGHTS_SPREAD_MS = 30_000;
const PAUSE_MS = 3_000;
const DENIALS = /^(AccessDenied|KMSAccessDenied)/;

const isDenied = (error: unknown): boolean => error instanceof Error && DENIALS.test(error.name);

/** A key on its way into a version. */
interface Arriving {
  readonly minted: IdentifiedKey;
  /** What the version gets besides AWSPENDING. */
  readonly labels: readonly string[];
}

/** Stores the value; a right that has not spread yet is waited for with the key in hand, so that no second one is minted for it. */
const putPatiently = async (rotation: Rotation, { minted, labels }: Arriving): Promise<"stored" | "exists"> => {
  const { invocation, secret, token } = rotation;
  const { secrets, clock, remainingMs } = invocation;
  const text = secretValueText(generationFrom(rotation, minted));
  for (const endMs = clock.now() + RIGHTS_SPREAD_MS; ; await clock.sleep(PAUSE_MS))
    try {
      return await secrets.put(secret.arn, token, text, PENDING, ...labels);
    } catch (error) {
      if (!isDenied(error) || clock.now() >= endMs || remainingMs() < 4 * PAUSE_MS) throw error;
    }
};

/** Gives the token up whose value Secrets Manager refuses to store, so that nothing is minted for it again. */
const giveUpDenied = async (rotation: Rotation, minted: IdentifiedKey, cause: Error): Promise<KeyturnError> => {
  const { secret } = rotation;
  await takeBack(rotation, minted.id, "its value could not be stored");
  const error = new KeyturnError(
    "STORE_DENIED",
    `Secrets Manager refuses to store a value in ${secret.name} (${cause.name}), so the key was taken back; give the function the right, the one to its KMS key included, and rotate, or apply again`,
    { cause },
  );
  await noteInVain(rotation, error);
  await abandonPending(rotation, "its value could not be stored", "denied");
  return error;
};

/** How many mints in a row may come to nothing until no token is kept for a further one. */
const KEPT = 2;

/**
 * Ends a mint that came to nothing. AWS tries a rotation again within minutes, and for the first times that may help. After that the token is
 * given up, and the next one waits.
 */
const endInVain = async (rotation: Rotation, error: Error): Promise<Error> => {
  const before = await noteInVain(rotation, error);
  if (before >= KEPT) await abandonPending(rotation, "its mint came to nothing");
  return error;
};

/** Puts the value. A key that is sure not to be stored is taken back. */
const put = async (rotation: Rotation, arriving: Arriving): Promise<"stored" | "exists"> => {
  try {
    return await putPatiently(rotation, arriving);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (isDenied(error)) throw await giveUpDenied(rotation, arriving.minted, error);
    // Where a create is replayed, a twin may hold the very same key: there it is left for the next try to find by its name.
    if (isDefiniteRefusal(error) && !rotation.vendor.vendor.replaysCreate)
      await takeBack(rotation, arriving.minted.id, "its value could not be stored");
    throw await endInVain(rotation, error);
  }
};

/** Stores a minted key under its token. Whoever comes second takes its own key back. */
const store = async (rotation: Rotation, arriving: Arriving): Promise<void> => {
  const { invocation, secret, token, keyName } = rotation;
  const { minted } = arriving;
  if ((await put(rotation, arriving)) === "stored") {
    invocation.log.event("key.minted", { secretName: secret.name, versionId: token, keyId: minted.id, keyName });
    return checkStillWanted(rotation, minted);
  }
  const stored = await storedGeneration(rotation, token);
  if (stored?.keyId !== minted.id) await takeBack(rotation, minted.id, "another run stored its key first");
};

const lostForGood = ({ id, name }: VendorKey, obstacle: string): KeyturnError =>
  new KeyturnError(
    "VALUE_LOST",
    `${name} (${id}) was minted and its value is lost, and the vendor ${obstacle}; revoke it by hand, the rotation goes on by itself`,
  );

/**
 * Deals with a key that has this generation's name although no value is stored: its value was lost, or another run is
 * just storing it.
 * @throws KeyturnError VALUE_MAYBE_COMING while another run may still store it, VALUE_LOST where a person has to revoke it
 */
const revokeLost = async (rotation: Rotation, lost: VendorKey, listing: Listing): Promise<void> => {
  const { invocation, vendor, token } = rotation;
  const keyName = lost.name;
  const leftMs = mintingLeftMs(rotation, lost, listing);
  if (leftMs === undefined) throw lostForGood(lost, "does not tell its age");
  if (leftMs > 0)
    throw new KeyturnError(
      "VALUE_MAYBE_COMING",
      `${keyName} (${lost.id}) was minted a moment ago and has no value yet; another run may be storing it. In ${Math.ceil(leftMs / 1_000)} s it counts as lost`,
      { retryable: true },
    );
  const revocation = { keyId: lost.id, keyName, reason: "its value was lost", facts: { versionId: token } };
  const answer = await revokeOrTell(invocation, vendor, revocation);
  if (answer === "unsupported") throw lostForGood(lost, "cannot be asked to revoke it");
};

/** Makes sure that one more key has a slot. What this secret's own rotations left behind makes room. */
const makeRoom = async (rotation: Rotation, listing: Listing, lostIds: readonly string[]): Promise<void> => {
  const others = listing.keys.filter(({ id }) => !lostIds.includes(id));
  if (hasFreeSlot(rotation, others)) return;
  const revoked = await revokeLeftBehind(rotation, listing);
  checkFreeSlot(
    rotation,
    others.filter(({ id }) => !revoked.has(id)),
  );
};

/**
 * What a version says from its storing on: of the one that it replaces, as nobody can find out later; and whose the key is, where no earlier
 * version could bear that.
 */
const labelsOnArrival = async (rotation: Rotation, listing: Listing): Promise<readonly string[]> => {
  const { invocation, secret, labelOnFirst } = rotation;
  const first = labelOnFirst !== undefined && Object.keys(secret.stages).length === 0 ? [labelOnFirst] : [];
  if (!(await isListedOtherwise(rotation, listing))) return first;
  return [...first, freeMarkLabel("listed-otherwise", invocation.clock.now(), secret.stages)];
};

/** Whether a repeated create would ask for the very same key: the declaration may have changed since the first one. */
const isAsDeclared = ({ keyName, declaration }: Rotation, { name, access }: VendorKey): boolean =>
  name === keyName && (access ?? declaration.access.value) === declaration.access.value;

/** Mints. What a vendor refuses is no mint. */
const mintOrNote: typeof mint = async (rotation, listing, revokedIds) => {
  try {
    return await mint(rotation, listing, revokedIds);
  } catch (error) {
    throw error instanceof KeyturnError ? await endInVain(rotation, error) : error;
  }
};

/**
 * Asks once more for the very same key, at a vendor that repeats its answers.
 * @returns `undefined` where the vendor takes that for another mint, and refuses it
 */
const recover = async (rotation: Rotation, listing: Listing, revokedIds: readonly string[]) => {
  try {
    return await mintOrNote(rotation, listing, revokedIds);
  } catch (error) {
    if (!(error instanceof VendorError) || error.retryable) throw error;
    rotation.invocation.log.failure("key.not-repeated", error, { keyName: rotation.keyName });
    return undefined;
  }
};

/**
 * Makes sure that the version `token` holds a key of its own, minting one where there is none. May be repeated at any
 * time, and run twice at once: it looks at the version first, at the vendor second, and mints third.
 * @throws KeyturnError, VendorError
 */
export const createSecret = async (rotation: Rotation): Promise<void> => {
  const { vendor, token } = rotation;
  const stored = await storedGeneration(rotation, token);
  if (stored) return keepOrAbandon(rotation, stored);
  const listing = await vendor.list();
  const replaces = await whatItReplaces(rotation, listing);
  if (replaces.works) checkLabels(rotation);
  await checkListing(rotation, listing, replaces);
  const own = new Set([generationOf(token)]);
  const named = listing.keys.filter((key) => isGenerationOf(key.name, rotation.serviceId, own));
  const lost = named.filter((key) => key.active);
  const revokedIds = named.filter((key) => !key.active).map((key) => key.id);
  const labels = await labelsOnArrival(rotation, listing);
  if (lost.length > 0 && vendor.vendor.replaysCreate && lost.every((key) => isAsDeclared(rotation, key))) {
    const repeated = await recover(rotation, listing, revokedIds);
    if (repeated) return store(rotation, { minted: repeated, labels });
  }
  for (const key of lost) await revokeLost(rotation, key, listing);
  const lostIds = lost.map((key) => key.id);
  await makeRoom(rotation, listing, lostIds);
  return store(rotation, { minted: await mintOrNote(rotation, listing, [...revokedIds, ...lostIds]), labels });
};
