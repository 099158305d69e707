import type { Listing, VendorKey } from "../vendors/vendor.ts";
import type { Rotation } from "./rotation.ts";

/**
 * How much longer a run may live that minted a key, and may still store its value, in milliseconds by the vendor's clock; `undefined`
 * where the vendor does not tell the key's age. 0 or less: none does.
 */
export const mintingLeftMs = (
  { invocation, connection }: Rotation,
  { createdAtMs }: VendorKey,
  { vendorNowMs }: Listing,
): number | undefined => {
  if (createdAtMs === undefined) return undefined;
  const ageMs = (vendorNowMs ?? invocation.clock.now() - connection.skew) - createdAtMs;
  return invocation.grants.mintTimeout + connection.skew - ageMs;
};

/** Whether every run that may have minted a key is dead. Not known: no. */
export const isPastMinting = (rotation: Rotation, key: VendorKey, listing: Listing): boolean =>
  (mintingLeftMs(rotation, key, listing) ?? 1) <= 0;
