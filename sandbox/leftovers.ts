import { ownedName } from "../lambdas/contracts/key-name.ts";
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
  for (const { id } of left) await vendor.revoke(direct, id);
  const { keys: after } = await vendor.list(direct);
  const ids = left.map(({ id }) => id);
  const isLeft = (id: string): boolean => after.some((key) => key.id === id && key.active);
  return { revoked: ids.filter((id) => !isLeft(id)), byHand: ids.filter(isLeft) };
};
