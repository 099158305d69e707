import { METRICS } from "./contracts/metrics.ts";
import type { Invocation } from "./invocation.ts";
import type { VendorSession } from "./vendor-session.ts";
import type { RevokeAnswer } from "./vendors/vendor.ts";

export interface Revocation {
  readonly keyId: string;
  readonly keyName: string;
  readonly reason: string;
  /** What the log tells besides, such as the secret. */
  readonly facts: Readonly<Record<string, string>>;
}

/** Tells a person that a key has to be revoked at the vendor's. */
export const tellByHand = (
  { log }: Pick<Invocation, "log">,
  { keyId, keyName, facts }: Omit<Revocation, "reason">,
  why: string,
): void => {
  log.event("key.revoke-by-hand", { keyId, keyName, why, ...facts });
  log.metric(METRICS.revokeByHand, 1);
};

/**
 * Asks the vendor to revoke a key. Where it has no such request, a person is told. What became of the key, its value and the
 * listing tell.
 * @throws VendorError when it may be asked again
 */
export const revokeOrTell = async (
  invocation: Pick<Invocation, "log">,
  vendor: VendorSession,
  revocation: Revocation,
): Promise<RevokeAnswer> => {
  const { keyId, keyName, reason, facts } = revocation;
  const answer = await vendor.revoke(keyId);
  if (answer === "accepted") invocation.log.event("key.revoked", { keyId, keyName, reason, ...facts });
  if (answer === "unclear") invocation.log.event("key.revoke-unclear", { keyId, keyName, reason, ...facts });
  if (answer === "unsupported")
    tellByHand(invocation, revocation, `${vendor.vendor.name} has no request that revokes it, or refuses it`);
  return answer;
};
