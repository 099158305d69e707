import { ownedName } from "../lambdas/contracts/key-name.ts";
import { VendorError } from "../lambdas/vendors/vendor-error.ts";
import type { VendorStand } from "./vendor-stand.ts";

/** Ids of keys that an earlier run left at a vendor. */
export interface Leftovers {
  readonly revoked: readonly string[];
  /** Those that only a person can revoke, as the vendor has no request for it. */
  readonly byHand: readonly string[];
}

/**
 * Revokes every active key of a service at a vendor. For vendor servers that outlive a run: one that was stopped or killed
 * leaves its keys there, and its secrets are gone with the sandbox.
 * @throws VendorError when the vendor does not answer, or refuses
 */
export const revokeLeftovers = async (
  { vendor, direct }: Pick<VendorStand, "vendor" | "direct">,
  serviceId: string,
): Promise<Leftovers> => {
  const { keys } = await vendor.list(direct);
  const left = keys.filter((key) => key.active && ownedName(key.name)?.serviceId === serviceId);
  const revoked: string[] = [];
  const byHand: string[] = [];
  for (const { id } of left) {
    try {
      await vendor.revoke(direct, id);
      revoked.push(id);
    } catch (error) {
      if (!(error instanceof VendorError && error.code === "UNSUPPORTED")) throw error;
      byHand.push(id);
    }
  }
  return { revoked, byHand };
};
