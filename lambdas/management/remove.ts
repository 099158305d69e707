import { declarationOf } from "../contracts/declaration.ts";
import type { Connection } from "../contracts/grants.ts";
import { ownedName, serviceId } from "../contracts/key-name.ts";
import { CURRENT, isDestroyed, markLabel, versionWith } from "../contracts/labels.ts";
import { MANAGE_PROTOCOL, type ManageAnswer } from "../contracts/manage.ts";
import { KeyturnError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { revokeOrTell } from "../revocation.ts";
import type { SecretFacts } from "../secrets.ts";
import { readStored } from "../stored.ts";
import type { VendorSession } from "../vendor-session.ts";
import type { Listing, VendorKey } from "../vendors/vendor.ts";

interface Removal {
  readonly invocation: Invocation;
  readonly secret: SecretFacts;
  readonly name: string;
  readonly serviceId: string;
  readonly quietMs: number;
  readonly connection: Connection;
  readonly vendor: VendorSession;
  /** Ids of the keys that the secret's labelled versions hold: adopted keys have no name of ours. */
  readonly storedIds: ReadonlySet<string>;
}

const storedIds = async (invocation: Invocation, secret: SecretFacts): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>();
  for (const versionId of Object.keys(secret.stages)) {
    const stored = await readStored(invocation, secret, versionId);
    if (typeof stored === "object") ids.add(stored.keyId);
  }
  return ids;
};

/** Unlike minting, revoking needs no grant of the key's own: a key that is taken out of the app must still be revocable. */
const openRemoval = async (invocation: Invocation, secret: SecretFacts): Promise<Removal> => {
  const declaration = declarationOf(secret.tags, secret.name);
  const connection = invocation.grants.connections[declaration.connection];
  if (!connection || declaration.service !== invocation.grants.service)
    throw new KeyturnError(
      "NOT_GRANTED",
      `the service ${invocation.grants.service} has no vendor connection ${declaration.connection} for ${secret.name}; remove its keys before the connection`,
    );
  return {
    invocation,
    secret,
    name: declaration.name,
    serviceId: serviceId(declaration.service, secret.arn),
    quietMs: declaration.quietMs,
    connection,
    vendor: invocation.vendors(connection),
    storedIds: secret.deletedAtMs === undefined ? await storedIds(invocation, secret) : new Set(),
  };
};

const liveKeys = (removal: Removal, listing: Listing): readonly VendorKey[] =>
  listing.keys.filter((key) => {
    const owned = ownedName(key.name);
    const ours = owned?.serviceId === removal.serviceId && owned.name === removal.name;
    return key.active && (ours || removal.storedIds.has(key.id));
  });

const checkUnused = ({ invocation, connection, quietMs, secret }: Removal, keys: readonly VendorKey[]): void => {
  const restMs = quietMs + connection.reportingDelay + connection.skew;
  for (const { id, lastUse } of keys) {
    if (typeof lastUse !== "number" || lastUse + restMs <= invocation.clock.now()) continue;
    throw new KeyturnError(
      "IN_USE",
      `the key ${id} of ${secret.name} was used at ${new Date(lastUse).toISOString()}, so nothing was revoked; stop its workloads and try again after ${new Date(lastUse + restMs).toISOString()}, or say force`,
      { retryable: true },
    );
  }
};

/** From here on nothing is minted for the key, and reconcile finishes the revocations should this run not. */
const markDestroyed = async ({ invocation, secret }: Removal): Promise<void> => {
  if (secret.rotationEnabled) await invocation.secrets.cancelRotation(secret.arn);
  const marked = versionWith(secret.stages, CURRENT) ?? Object.keys(secret.stages)[0];
  if (marked === undefined || isDestroyed(secret.stages)) return;
  await invocation.secrets.addLabel(secret.arn, marked, markLabel("destroyed", invocation.clock.now()));
};

/** @returns the ids of keys that a person has to revoke, because the vendor cannot be asked to */
const revokeAll = async (
  { vendor, invocation, secret }: Removal,
  keys: readonly VendorKey[],
): Promise<ReadonlySet<string>> => {
  const byHand = new Set<string>();
  const facts = { secretName: secret.name };
  for (const { id, name } of keys) {
    const revocation = { keyId: id, keyName: name, reason: "destroyed", facts };
    if ((await revokeOrTell(invocation, vendor, revocation)) === "by hand") byHand.add(id);
  }
  return byHand;
};

const checkGone = (removal: Removal, listing: Listing, excepted: ReadonlySet<string>): void => {
  const left = liveKeys(removal, listing)
    .map((key) => key.id)
    .filter((id) => !excepted.has(id));
  if (left.length === 0) return;
  throw new KeyturnError(
    "CONFLICT",
    `${removal.vendor.vendor.name} still lists ${left.join(", ")} of ${removal.secret.name} as active; if that stays so, revoke by hand at the vendor and try again, or say force`,
    { retryable: true },
  );
};

const destroyed = (secretArn: string, name: string): ManageAnswer => ({
  protocol: MANAGE_PROTOCOL,
  secretArn,
  name,
  status: "destroyed",
});

/**
 * Revokes every generation of a managed key and keeps any from being minted again. A secret that is gone is a success.
 * @param force revokes also what the vendor saw in use within the quiet period, and takes a key that only a person can
 * revoke for gone, after saying so
 * @throws KeyturnError IN_USE, NOT_MANAGED, NOT_GRANTED, CONFLICT when a key is still there afterwards
 */
export const remove = async (invocation: Invocation, secretId: string, force: boolean): Promise<ManageAnswer> => {
  const secret = await invocation.secrets.describe(secretId);
  if (!secret) return destroyed(secretId, secretId);
  const removal = await openRemoval(invocation, secret);
  const keys = liveKeys(removal, await removal.vendor.list());
  if (!force) checkUnused(removal, keys);
  if (secret.deletedAtMs === undefined) await markDestroyed(removal);
  const byHand = await revokeAll(removal, keys);
  if (keys.length > 0) checkGone(removal, await removal.vendor.list(), force ? byHand : new Set());
  return destroyed(secret.arn, removal.name);
};
