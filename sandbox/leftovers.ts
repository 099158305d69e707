import { ownedName } from "../lambdas/contracts/key-name.ts";
import type { VendorStand } from "./vendor-stand.ts";

/**
 * Revokes every active key of a service at a vendor. For vendor servers that outlive a run: one that was stopped or killed
 * leaves its keys there, and its secrets are gone with the sandbox.
 * @returns the ids of the keys that were revoked
 */
export const revokeLeftovers = async (
  { vendor, direct }: VendorStand,
  serviceId: string,
): Promise<readonly string[]> => {
  const { keys } = await vendor.list(direct);
  const left = keys.filter((key) => key.active && ownedName(key.name)?.serviceId === serviceId).map((key) => key.id);
  for (const keyId of left) await vendor.revoke(direct, keyId);
  return left;
};
