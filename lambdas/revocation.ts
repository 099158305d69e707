import { METRICS } from "./contracts/metrics.ts";
import type { Invocation } from "./invocation.ts";
import type { VendorSession } from "./vendor-session.ts";
import { VendorError } from "./vendors/vendor-error.ts";

export interface Revocation {
  readonly keyId: string;
  readonly keyName: string;
  readonly reason: string;
  /** What the log tells besides, such as the secret. */
  readonly facts: Readonly<Record<string, string>>;
}

/**
 * Asks the vendor to revoke a key. Where it cannot be asked, a person is told.
 * @throws VendorError when it may be asked again
 */
export const revokeOrTell = async (
  { log }: Pick<Invocation, "log">,
  vendor: VendorSession,
  { keyId, keyName, reason, facts }: Revocation,
): Promise<"revoked" | "by hand"> => {
  try {
    await vendor.revoke(keyId);
    log.event("key.revoked", { keyId, keyName, reason, ...facts });
    return "revoked";
  } catch (error) {
    if (!(error instanceof VendorError && error.code === "UNSUPPORTED")) throw error;
    log.failure("key.revoke-by-hand", error, { keyId, keyName, ...facts });
    log.metric(METRICS.revokeByHand, 1);
    return "by hand";
  }
};
