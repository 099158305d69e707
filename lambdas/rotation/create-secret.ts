import { generationOf, isGenerationOf } from "../contracts/key-name.ts";
import { MAX_RETIRING, marks, PENDING } from "../contracts/labels.ts";
import { type SecretValue, secretValueText } from "../contracts/secret-value.ts";
import { KeyturnError } from "../errors.ts";
import { isDefiniteRefusal } from "../secrets.ts";
import type { Listing, VendorKey } from "../vendors/vendor.ts";
import { abandon } from "./abandon.ts";
import { askForKey, checkAsAsked, generationFrom, type IdentifiedKey, identify, takeBack } from "./mint.ts";
import { checkWanted, type Rotation, storedGeneration, worksByMs } from "./rotation.ts";
import { checkFreeSlot } from "./slots.ts";

/** A stored value is kept while it may work; one whose key turned out dead gives its token up. */
const keepOrAbandon = async (rotation: Rotation, stored: SecretValue): Promise<void> => {
  const { invocation, connection, vendor } = rotation;
  if (invocation.clock.now() <= worksByMs(connection, stored.issuedAtMs)) return;
  if ((await vendor.verify(stored.apiKey)) === "alive") return;
  throw await abandon(rotation, `its key ${stored.keyId} does not work`);
};

const checkLabels = ({ secret }: Rotation): void => {
  const retiring = Object.values(secret.stages).filter((labels) => marks("retiring", labels).length > 0).length;
  if (retiring < MAX_RETIRING) return;
  throw new KeyturnError(
    "LABEL_LIMIT",
    `${retiring} generations of ${secret.name} wait for their retirement, so none was minted; the log of reconcile says what each waits for`,
  );
};

/**
 * Looks once more after a mint: whoever destroyed the managed key meanwhile may have looked before the new key was there.
 * @throws KeyturnError DESTROYED, after taking the key back
 */
const checkStillWanted = async (rotation: Rotation, minted: IdentifiedKey): Promise<void> => {
  const { secret, invocation } = rotation;
  const fresh = await invocation.secrets.describe(secret.arn);
  try {
    checkWanted(fresh ?? { ...secret, deletedAtMs: invocation.clock.now() });
  } catch (error) {
    await takeBack(rotation, minted.id, "its managed key was destroyed meanwhile");
    throw error;
  }
};

/** Puts the value. A key that is sure not to be stored is taken back. */
const put = async (rotation: Rotation, minted: IdentifiedKey): Promise<"stored" | "exists"> => {
  const { invocation, secret, token, vendor } = rotation;
  try {
    return await invocation.secrets.put(secret.arn, token, secretValueText(generationFrom(rotation, minted)), PENDING);
  } catch (error) {
    // Where a create is replayed, a twin may hold the very same key: there it is left for the next try to find by its name.
    if (isDefiniteRefusal(error) && !vendor.vendor.replaysCreate)
      await takeBack(rotation, minted.id, "its value could not be stored");
    throw error;
  }
};

/** Stores a minted key under its token. Whoever comes second takes its own key back. */
const store = async (rotation: Rotation, minted: IdentifiedKey): Promise<void> => {
  const { invocation, secret, token, keyName } = rotation;
  if ((await put(rotation, minted)) === "stored") {
    invocation.log.event("key.minted", { secretName: secret.name, versionId: token, keyId: minted.id, keyName });
    return checkStillWanted(rotation, minted);
  }
  const stored = await storedGeneration(rotation, token);
  if (stored?.keyId !== minted.id) await takeBack(rotation, minted.id, "another run stored its key first");
};

/**
 * Deals with a key that has this generation's name although no value is stored: its value was lost, or another run is
 * just storing it.
 * @throws KeyturnError VALUE_MAYBE_COMING while another run may still store it, VALUE_LOST when its age is not known
 */
const revokeLost = async (rotation: Rotation, lost: VendorKey, listing: Listing): Promise<void> => {
  const { invocation, connection, vendor } = rotation;
  const keyName = lost.name;
  if (lost.createdAtMs === undefined)
    throw new KeyturnError(
      "VALUE_LOST",
      `${keyName} (${lost.id}) was minted and its value is lost, and the vendor does not tell its age; revoke it by hand, the rotation goes on by itself`,
    );
  const ageMs = (listing.vendorNowMs ?? invocation.clock.now() - connection.skew) - lost.createdAtMs;
  const waitMs = invocation.grants.mintTimeout + connection.skew - ageMs;
  if (waitMs > 0)
    throw new KeyturnError(
      "VALUE_MAYBE_COMING",
      `${keyName} (${lost.id}) was minted ${Math.round(ageMs / 1_000)} s ago and has no value yet; another run may be storing it. In ${Math.ceil(waitMs / 1_000)} s it counts as lost`,
      { retryable: true },
    );
  await vendor.revoke(lost.id);
  invocation.log.event("key.revoked", { keyId: lost.id, keyName, reason: "its value was lost" });
};

/** Whether a repeated create would ask for the very same key: the declaration may have changed since the first one. */
const isAsDeclared = ({ keyName, declaration }: Rotation, { name, access }: VendorKey): boolean =>
  name === keyName && (access ?? declaration.access.value) === declaration.access.value;

/**
 * Makes sure that the version `token` holds a key of its own, minting one where there is none. May be repeated at any
 * time, and run twice at once: it looks at the version first, at the vendor second, and mints third.
 * @throws KeyturnError, VendorError
 */
export const createSecret = async (rotation: Rotation): Promise<void> => {
  const { vendor, token } = rotation;
  const stored = await storedGeneration(rotation, token);
  if (stored) return keepOrAbandon(rotation, stored);
  checkLabels(rotation);
  const listing = await vendor.list();
  const own = new Set([generationOf(token)]);
  const named = listing.keys.filter((key) => isGenerationOf(key.name, rotation.serviceId, own));
  const lost = named.filter((key) => key.active);
  const revokedIds = named.filter((key) => !key.active).map((key) => key.id);
  if (lost.length > 0 && vendor.vendor.replaysCreate && lost.every((key) => isAsDeclared(rotation, key))) {
    const repeated = await identify(rotation, await askForKey(rotation, revokedIds));
    await checkAsAsked(rotation, repeated);
    return store(rotation, repeated);
  }
  for (const key of lost) await revokeLost(rotation, key, listing);
  const lostIds = lost.map((key) => key.id);
  const others = listing.keys.filter((key) => !lostIds.includes(key.id));
  checkFreeSlot(rotation, others);
  const minted = await identify(rotation, await askForKey(rotation, [...revokedIds, ...lostIds]));
  await checkAsAsked(rotation, minted);
  return store(rotation, minted);
};
