import { sameAccess } from "../contracts/access.ts";
import { generationOf, isGenerationOf, ownedName } from "../contracts/key-name.ts";
import { CURRENT, versionWith } from "../contracts/labels.ts";
import { readStored, type StoredKey } from "../stored.ts";
import type { Listing, VendorKey } from "../vendors/vendor.ts";
import { type Drift, driftOf } from "./drift.ts";
import type { ManagedKey, Rotation } from "./rotation.ts";

/*
 * A key that is listed with another name, role or type than it was minted with: somebody changed it at the vendor, which its replacement sets
 * right; or the vendor words it so, which none does. Which of both it is, shows when the replacement is listed, too.
 */

type Declared = Pick<ManagedKey["declaration"], "name" | "access">;

/**
 * What of a drift no replacement explains: the key was minted as it is declared now, and is listed otherwise.
 * @param stored what its version's value says
 */
const contradicted = (
  drift: Drift,
  declared: Declared,
  { name, access }: Pick<StoredKey, "name" | "access">,
): Drift => ({
  ...(drift.name !== undefined && ownedName(name ?? "")?.name === declared.name ? { name: drift.name } : {}),
  ...(drift.access && access && sameAccess(access, declared.access) ? { access: drift.access } : {}),
});

/**
 * What of a drift a replacement may set right, of a generation that took the place of one which was listed otherwise than it was minted;
 * `undefined`: nothing, the vendor words it so.
 */
export const withoutWording = (
  drift: Drift,
  declared: Declared,
  stored: Pick<StoredKey, "name" | "access">,
): Drift | undefined => {
  const wording = contradicted(drift, declared, stored);
  const left: Drift = {
    ...(drift.name !== undefined && wording.name === undefined ? { name: drift.name } : {}),
    ...(drift.access && !wording.access ? { access: drift.access } : {}),
  };
  return left.name === undefined && left.access === undefined ? undefined : left;
};

/** The key of a version, by the generation in its name. */
const namedKey = ({ serviceId }: ManagedKey, { keys }: Listing, versionId: string): VendorKey | undefined => {
  const generation = new Set([generationOf(versionId)]);
  return keys.find(({ active, name }) => active && isGenerationOf(name, serviceId, generation));
};

/**
 * Whether the current generation, which a new one is to replace, is listed otherwise than it was minted, although it was minted as is
 * declared now. Its value is read only where the list differs from the declaration.
 */
export const isListedOtherwise = async (rotation: Rotation, listing: Listing): Promise<boolean> => {
  const { invocation, secret, declaration } = rotation;
  const current = versionWith(secret.stages, CURRENT);
  if (current === undefined) return false;
  const named = namedKey(rotation, listing, current);
  if (named && driftOf(declaration, named) === undefined) return false;
  const stored = await readStored(invocation, secret, current);
  if (typeof stored === "string") return false;
  const listed = listing.keys.find(({ id, active }) => active && id === stored.keyId);
  const drift = listed && driftOf(declaration, listed, stored.access);
  if (!drift) return false;
  const { name, access } = contradicted(drift, declaration, stored);
  return name !== undefined || access !== undefined;
};
