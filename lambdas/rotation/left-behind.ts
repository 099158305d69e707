import { generationOf, isGenerationOf } from "../contracts/key-name.ts";
import { revokeOrTell } from "../revocation.ts";
import type { Listing, VendorKey } from "../vendors/vendor.ts";
import { isUnusedSinceMinting } from "./in-use.ts";
import { isPastMinting } from "./minting-age.ts";
import { type Rotation, storedGeneration } from "./rotation.ts";

/**
 * Whether nobody can have the value of a key: it is older than any run that may still store or promote it, and was never used, by a
 * vendor that reports uses.
 */
const isUnused = (rotation: Rotation, key: VendorKey, listing: Listing): boolean =>
  key.active && isUnusedSinceMinting(key, listing.keys) && isPastMinting(rotation, key, listing);

/** A version without a label, and what was minted for it. */
const keysOf = (rotation: Rotation, versionId: string, listing: Listing): readonly VendorKey[] => {
  const generation = new Set([generationOf(versionId)]);
  return listing.keys.filter(
    (key) => isGenerationOf(key.name, rotation.serviceId, generation) && isUnused(rotation, key, listing),
  );
};

/**
 * Revokes what was minted for earlier versions of this secret that never became current, and that AWS has left without a label: when
 * a rotation fails, AWS may take AWSPENDING off, or go on with a new version. Only where the slot is needed: without that
 * they go as strays.
 * @returns the ids of the keys whose revocation was accepted; of one that the vendor cannot be asked to revoke a person is told
 */
export const revokeLeftBehind = async (rotation: Rotation, listing: Listing): Promise<ReadonlySet<string>> => {
  const { invocation, secret, token, vendor } = rotation;
  const revoked = new Set<string>();
  for (const versionId of await invocation.secrets.allVersionIds(secret.arn)) {
    const isLeft = versionId !== token && (secret.stages[versionId] ?? []).length === 0;
    const keys = isLeft ? keysOf(rotation, versionId, listing) : [];
    const stored = keys.length > 0 ? await storedGeneration(rotation, versionId) : undefined;
    for (const { id, name } of keys.filter((key) => stored === undefined || stored.keyId === key.id)) {
      const facts = { versionId };
      const reason = "its rotation was left behind";
      const answer = await revokeOrTell(invocation, vendor, { keyId: id, keyName: name, reason, facts });
      if (answer === "accepted") revoked.add(id);
    }
  }
  return revoked;
};
