import { createHash } from "node:crypto";
import { accessText } from "../contracts/access.ts";
import { METRICS } from "../contracts/metrics.ts";
import type { SecretValue } from "../contracts/secret-value.ts";
import { KeyturnError } from "../errors.ts";
import type { Listing, MintedKey } from "../vendors/vendor.ts";
import { VendorError } from "../vendors/vendor-error.ts";
import { type IdentifiedKey, identify } from "./identify.ts";
import type { Rotation } from "./rotation.ts";

/**
 * The key under which a vendor recognizes a repeated create: of the token and what is asked for, which a changed declaration
 * changes, and of the keys that were revoked under its name, since a vendor may answer a repeat with a key that was revoked
 * since.
 */
const idempotencyKey = ({ token, keyName, declaration }: Rotation, revokedIds: readonly string[]): string =>
  createHash("sha256")
    .update([token, keyName, accessText(declaration.access), ...[...revokedIds].sort()].join("\n"))
    .digest("hex");

/**
 * Asks the vendor for this generation's key.
 * @param revokedIds keys that were revoked under this generation's name
 * @throws KeyturnError MINT_UNKNOWN when the vendor may have minted although it did not say so
 */
const askForKey = async (rotation: Rotation, revokedIds: readonly string[]): Promise<MintedKey> => {
  const { vendor, declaration, keyName } = rotation;
  try {
    return await vendor.create({
      name: keyName,
      access: declaration.access,
      idempotencyKey: idempotencyKey(rotation, revokedIds),
    });
  } catch (cause) {
    if (!(cause instanceof VendorError && cause.ambiguous)) throw cause;
    throw new KeyturnError(
      "MINT_UNKNOWN",
      `it is not known whether ${keyName} was minted (${cause.message}); the next try looks first`,
      { retryable: true, cause },
    );
  }
};

const isStillActive = async ({ vendor }: Rotation, keyId: string): Promise<boolean> =>
  (await vendor.list()).keys.some((key) => key.id === keyId && key.active);

const TAKE_BACK_TRIES = 2;

/**
 * Revokes a key that was just minted and cannot be kept, and looks whether it went: a key that the vendor gave another name
 * is found by nobody later. Where that fails, a person is told.
 */
export const takeBack = async (rotation: Rotation, keyId: string, reason: string): Promise<void> => {
  const { vendor, invocation, keyName } = rotation;
  const { log } = invocation;
  const facts = { keyId, keyName, reason };
  try {
    for (let tries = 0; tries < TAKE_BACK_TRIES; tries++) {
      await vendor.revoke(keyId);
      if (!(await isStillActive(rotation, keyId))) return log.event("key.taken-back", facts);
    }
    log.event("key.revoke-by-hand", { ...facts, vendor: "accepted the revocation and did not do it" });
  } catch (error) {
    log.failure("key.revoke-by-hand", error, facts);
  }
  log.metric(METRICS.revokeByHand, 1);
};

/** @throws KeyturnError NOT_AS_ASKED, after taking the key back, when the vendor minted something else */
const checkAsAsked = async (rotation: Rotation, minted: IdentifiedKey): Promise<void> => {
  const { keyName, declaration } = rotation;
  const named = minted.name ?? keyName;
  const access = minted.access ?? declaration.access.value;
  if (named === keyName && access === declaration.access.value) return;
  const got = `${named} with ${accessText({ kind: declaration.access.kind, value: access })}`;
  await takeBack(rotation, minted.id, "not as asked");
  throw new KeyturnError(
    "NOT_AS_ASKED",
    `asked for ${keyName} with ${accessText(declaration.access)}, the vendor minted ${got}; it was revoked again. Use a name that the vendor keeps as it is, and an access that the admin key can give`,
  );
};

/**
 * Mints this generation's key. A vendor that repeats its answers may give one that was taken back, under whatever name it had
 * got: then it is asked as for another key.
 * @param listing the keys as they were listed before
 * @param revokedIds keys that were revoked under this generation's name
 * @throws KeyturnError MINT_UNKNOWN, NOT_AS_ASKED, when a key was minted or may have been; VendorError, when none was
 */
export const mint = async (
  rotation: Rotation,
  listing: Listing,
  revokedIds: readonly string[],
): Promise<IdentifiedKey> => {
  const answered = await askForKey(rotation, revokedIds);
  const minted = await identify(rotation, { minted: answered, revokedIds, before: listing });
  const wasRevoked = listing.keys.some(({ id, active }) => id === minted.id && !active);
  if (wasRevoked && !revokedIds.includes(minted.id)) return mint(rotation, listing, [...revokedIds, minted.id]);
  await checkAsAsked(rotation, minted);
  return minted;
};

/** The generation as it is stored. */
export const generationFrom = (rotation: Rotation, minted: IdentifiedKey): SecretValue => ({
  apiKey: minted.value,
  keyId: minted.id,
  vendor: rotation.vendor.vendor.name,
  connection: rotation.declaration.connection,
  ...(rotation.connection.organizationId === undefined ? {} : { organizationId: rotation.connection.organizationId }),
  name: rotation.keyName,
  access: rotation.declaration.access,
  issuedAtMs: minted.createdAtMs ?? rotation.invocation.clock.now(),
});
