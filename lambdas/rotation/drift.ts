import { type Access, sameAccess } from "../contracts/access.ts";
import type { Declaration } from "../contracts/declaration.ts";
import { keyName, ownedName } from "../contracts/key-name.ts";
import type { VendorKey } from "../vendors/vendor.ts";

/** What has to be changed of a generation so that it is as declared. */
export interface Drift {
  /** The name that its key should have at the vendor. */
  readonly name?: string;
  readonly access?: Access;
}

/**
 * Whether a generation may do something else than declared. The vendor's list decides where it tells: an access may be changed
 * in place, by us or by a person, and a stored value keeps saying what the key was issued with.
 * @param listed the role or type as the vendor lists it, if it does
 * @param stored what the version's value says, as far as it was read
 */
export const accessDiffers = (declared: Access, listed: string | undefined, stored: Access | undefined): boolean => {
  if (listed !== undefined) return listed !== declared.value;
  return stored !== undefined && !sameAccess(stored, declared);
};

/** The name that a key of ours should have; `undefined`: it has it, or was named by people (an adopted key) and keeps that. */
const otherName = (declared: string, listed: string): string | undefined => {
  const owned = ownedName(listed);
  if (owned === undefined || owned.name === declared) return undefined;
  return keyName(declared, owned.serviceId, owned.generation);
};

/**
 * How a living generation differs from its declaration; `undefined`: it does not. The one decision of `manage` and `reconcile`.
 * @param stored the access in the version's value, as far as it was read
 */
export const driftOf = (
  declaration: Pick<Declaration, "name" | "access">,
  listed: Pick<VendorKey, "name" | "access">,
  stored?: Access,
): Drift | undefined => {
  const name = otherName(declaration.name, listed.name);
  const differs = accessDiffers(declaration.access, listed.access, stored);
  if (name === undefined && !differs) return undefined;
  return { ...(name === undefined ? {} : { name }), ...(differs ? { access: declaration.access } : {}) };
};
