import { generationOf, ownedName } from "../contracts/key-name.ts";
import { CURRENT, versionWith } from "../contracts/labels.ts";
import { KeyturnError } from "../errors.ts";
import { confirmAll, type KnownKey } from "../evidence/ending.ts";
import { isIdKnown, NOT_SHOWN } from "../evidence/identity.ts";
import { revokeOrTell, tellByHand } from "../revocation.ts";
import { VendorError } from "../vendors/vendor-error.ts";
import type { Removal } from "./opened-removal.ts";
import type { FoundKey } from "./own-keys.ts";

/* The end of keys that are known to go: asked for, and confirmed. */
export interface Planned {
  readonly revoke: readonly FoundKey[];
  /** Their listing shows them as revoked already. */
  readonly revoked: readonly FoundKey[];
  readonly left: readonly FoundKey[];
}

/** @returns the ids of keys that a person has to revoke, because the vendor cannot be asked to */
const revokeAll = async (removal: Removal, keys: readonly FoundKey[]): Promise<ReadonlySet<string>> => {
  const { invocation, secret } = removal.search;
  const byHand = new Set<string>();
  for (const found of keys) {
    const { vendor, key, value } = found;
    const facts = { secretName: secret.name };
    const revocation = { keyId: key.id, keyName: key.name, reason: "destroyed", facts };
    if (!isIdKnown(removal.search.serviceId, { keyName: key.name, prefix: key.prefix, value }))
      tellByHand(invocation, revocation, NOT_SHOWN);
    else if ((await revokeOrTell(invocation, vendor, revocation)) !== "unsupported") continue;
    byHand.add(key.id);
  }
  return byHand;
};

/** A key whose end could not be confirmed, and why. */
export interface Unconfirmed {
  readonly found: FoundKey;
  readonly reason: string;
}

/** A value that cannot be read needs a key that is known to work beside it: the current one, which is revoked last. */
const witnessOf = ({ search: { secret } }: Removal, keys: readonly FoundKey[]): KnownKey | undefined => {
  const current = generationOf(versionWith(secret.stages, CURRENT) ?? "");
  const found = keys.find(({ key, value }) => value && ownedName(key.name)?.generation === current);
  return found?.value && { keyId: found.key.id, value: found.value };
};

const confirm = async (
  { search: { invocation } }: Removal,
  keys: readonly FoundKey[],
  known?: KnownKey,
): Promise<readonly Unconfirmed[]> => {
  const endings = keys.map(({ key, connection, value }) => ({
    keyId: key.id,
    keyName: key.name,
    connection,
    value,
    known: value ? undefined : known,
  }));
  const ended = await confirmAll(invocation, endings);
  return keys.flatMap((found, index) => {
    const one = ended[index];
    return one?.kind === "unconfirmed" ? [{ found, reason: one.reason }] : [];
  });
};

/**
 * @param byHand those that the vendor cannot be asked to revoke: nothing that anybody waits for changes that
 * @throws KeyturnError UNCONFIRMED (retryable), VendorError UNSUPPORTED
 */
const checkGone = ({ search }: Removal, left: readonly Unconfirmed[], byHand: ReadonlySet<string>): void => {
  const [first] = left;
  if (!first) return;
  const { vendor } = first.found;
  const forPeople = left.filter(({ found }) => byHand.has(found.key.id));
  if (forPeople.length > 0)
    throw new VendorError(
      "UNSUPPORTED",
      `${vendor.vendor.name} cannot be asked to revoke ${forPeople.map(({ found }) => found.key.id).join(", ")} of ${search.secret.name}; revoke by hand at the vendor and try again, or say force`,
    );
  const reasons = left.map(({ found, reason }) => `${found.key.id}: ${reason}`).join("; ");
  throw new KeyturnError(
    "UNCONFIRMED",
    `it is not confirmed that all keys of ${search.secret.name} are revoked at ${vendor.vendor.name} (${reasons}), so that its secret is kept; try again, or if that stays so, revoke by hand at the vendor or say force`,
    { retryable: true },
  );
};

/** Revokes what is to go, and looks whether it is gone. @returns those of which that cannot be confirmed */
export const revokeAndConfirm = async (
  removal: Removal,
  { revoke, revoked }: Planned,
): Promise<readonly Unconfirmed[]> => {
  const lost = revoke.filter(({ value }) => value === undefined);
  const held = revoke.filter(({ value }) => value !== undefined);
  const byHand = new Set(await revokeAll(removal, lost));
  const still = [...(await confirm(removal, lost, witnessOf(removal, held)))];
  for (const id of await revokeAll(removal, held)) byHand.add(id);
  still.push(...(await confirm(removal, [...held, ...revoked])));
  if (!removal.force) checkGone(removal, still, byHand);
  const { invocation, secret } = removal.search;
  for (const { found, reason } of still)
    invocation.log.event("revocation.unconfirmed", { keyId: found.key.id, secretName: secret.name, reason });
  return still;
};
