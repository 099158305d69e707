import { CURRENT, isDestroyed, PENDING, versionWith } from "./contracts/labels.ts";
import { METRICS } from "./contracts/metrics.ts";
import type { Invocation } from "./invocation.ts";
import type { SecretFacts } from "./secrets.ts";
import { readStored } from "./stored.ts";
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

/** The versions of a secret by which somebody may have a key: the current one, and one on its way. */
const heldVersionsOf = ({ stages }: SecretFacts): readonly string[] =>
  [CURRENT, PENDING].flatMap((label) => versionWith(stages, label) ?? []);

/**
 * A key that people made may be another secret's, too: two may have adopted it, wherever they are declared now. What cannot be read
 * may hold it.
 * @returns why it is kept; `undefined`: no other secret of the service has it
 */
export const otherHolderOf = async (
  { secrets, grants, log }: Pick<Invocation, "secrets" | "grants" | "log">,
  { arn }: Pick<SecretFacts, "arn">,
  keyId: string,
): Promise<string | undefined> => {
  const all = await secrets.listOfService(grants.service);
  const others = all.filter((one) => one.arn !== arn && one.deletedAtMs === undefined && !isDestroyed(one.stages));
  for (const other of others)
    for (const versionId of heldVersionsOf(other))
      try {
        const stored = await readStored({ secrets, log }, other, versionId);
        if (typeof stored === "object" && stored.keyId === keyId) return `${other.name} holds the same key`;
      } catch (error) {
        log.failure("value.not-read", error, { secretName: other.name, versionId });
        return `${other.name} may hold it: its value cannot be read`;
      }
  return undefined;
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
