import { timeText } from "../clock.ts";
import { accessFields, accessOf } from "../contracts/access.ts";
import { type Declaration, declarationOf } from "../contracts/declaration.ts";
import type { KeyFacts } from "../contracts/key-facts.ts";
import { generationOf, ownedName, serviceId } from "../contracts/key-name.ts";
import { CURRENT, isDestroyed, markLabel, versionWith } from "../contracts/labels.ts";
import type { KeyCommandOf } from "../contracts/manage.ts";
import { KeyturnError } from "../errors.ts";
import { confirmAll, type KnownKey } from "../evidence/ending.ts";
import { isIdKnown, isMinted, NOT_SHOWN } from "../evidence/identity.ts";
import { unclear } from "../evidence/refusal.ts";
import type { Invocation } from "../invocation.ts";
import { otherHolderOf, revokeOrTell, tellByHand } from "../revocation.ts";
import { isReplica, type SecretFacts } from "../secrets.ts";
import { VendorError } from "../vendors/vendor-error.ts";
import { works } from "../vendors/verify.ts";
import { type FoundKey, findOwnKeys, type Search } from "./own-keys.ts";
import { planRemoval, type RemovalPlan } from "./removal.ts";

type Delete = KeyCommandOf<"delete">;

interface Removal {
  readonly search: Search;
  readonly declaration: Declaration;
  readonly hasMoved: boolean;
  readonly force: boolean;
}

/** Unlike minting, revoking needs no grant of the key's own: a key that is taken out of the app must still be revocable. */
const openRemoval = (invocation: Invocation, secret: SecretFacts, { expected, force }: Delete): Removal => {
  const declaration = declarationOf(secret.tags, secret.name);
  const connection = expected?.connection ?? declaration.connection;
  if (isReplica(secret))
    throw new KeyturnError("NOT_MANAGED", `${secret.arn} is a replica; ask in ${secret.primaryRegion}, its own region`);
  if (!(connection in invocation.grants.connections) || declaration.service !== invocation.grants.service)
    throw new KeyturnError(
      "NOT_GRANTED",
      `the service ${invocation.grants.service} has no vendor connection ${connection} for ${secret.name}; remove its keys before the connection`,
    );
  const hasMoved = connection !== declaration.connection;
  return {
    search: {
      invocation,
      secret,
      serviceId: serviceId(declaration.service, secret.arn),
      names: new Set([declaration.name, ...(expected ? [expected.name] : [])]),
      connection,
      everywhere: !hasMoved,
    },
    declaration,
    hasMoved,
    force: force ?? false,
  };
};

const inUse = (
  { search }: Removal,
  { key, untilMs }: Extract<RemovalPlan<FoundKey>, { kind: "refuse" }>,
): KeyturnError => {
  const { name } = search.secret;
  const when =
    typeof key.lastUse === "number"
      ? `was used at ${timeText(key.lastUse)}`
      : `may be in use: what its vendor says of that is not understood`;
  const then = untilMs === undefined ? "" : ` after ${timeText(untilMs)}`;
  return new KeyturnError(
    "IN_USE",
    `the key ${key.id} of ${name} ${when}, so nothing was revoked; stop its workloads and try again${then}, or say force`,
    { retryable: true },
  );
};

const unreported = (
  { search }: Removal,
  { key, sinceMs }: Extract<RemovalPlan<FoundKey>, { kind: "refuse without reports" }>,
): KeyturnError =>
  new KeyturnError(
    "UNCONFIRMED",
    `the vendor of ${search.secret.name} shows no call of anybody since ${timeText(sinceMs)}, not even ours, so that it cannot be known whether the key ${key.id} is in use; nothing was revoked. Try again when it reports uses, or say force`,
    { retryable: true },
  );

interface Planned {
  readonly revoke: readonly FoundKey[];
  /** Their listing shows them as revoked already. */
  readonly revoked: readonly FoundKey[];
  readonly left: readonly FoundKey[];
}

/**
 * A key that no list shows as active has no known use. One that works all the same may be in use.
 * @throws KeyturnError UNCONFIRMED
 */
const checkNoneWorks = async ({ search }: Removal, keys: readonly FoundKey[]): Promise<void> => {
  for (const { key, value, vendor } of keys) {
    if (!value || !works(await vendor.verify(value).catch(unclear))) continue;
    throw new KeyturnError(
      "UNCONFIRMED",
      `${vendor.vendor.name} takes the key ${key.id} of ${search.secret.name}, although it does not list it as active, so that nobody can know whether it is in use; nothing was revoked. Try again, or say force`,
      { retryable: true },
    );
  }
};

/** Keys that people made, and that another secret has as its own: they are its. */
const sharedOf = async ({ search }: Removal, keys: readonly FoundKey[]): Promise<readonly FoundKey[]> => {
  const shared: FoundKey[] = [];
  for (const found of keys.filter(({ key, held }) => held && !isMinted(key.name, search.serviceId))) {
    const reason = await otherHolderOf(search.invocation, search.secret, found.key.id);
    if (reason === undefined) continue;
    const { id: keyId, name: keyName } = found.key;
    search.invocation.log.event("key.kept", { keyId, keyName, ground: "destroyed", reason });
    shared.push(found);
  }
  return shared;
};

/** @throws KeyturnError IN_USE, UNCONFIRMED */
const plan = async (removal: Removal, force: boolean): Promise<Planned> => {
  const { search, declaration, hasMoved } = removal;
  const { active, unlisted, revoked } = await findOwnKeys(search);
  if (!force && !hasMoved) await checkNoneWorks(removal, [...unlisted, ...revoked]);
  const { quietMs } = declaration;
  const keys = [...active, ...unlisted];
  const decided = planRemoval({ keys, quietMs, nowMs: search.invocation.clock.now(), force, hasMoved });
  if (decided.kind === "refuse") throw inUse(removal, decided);
  if (decided.kind === "refuse without reports") throw unreported(removal, decided);
  const shared = await sharedOf(removal, decided.revoke);
  return {
    revoke: decided.revoke.filter((found) => !shared.includes(found)),
    left: [...decided.left, ...shared],
    revoked: hasMoved ? [] : revoked,
  };
};

/** From here on nothing is minted for the key, and reconcile finishes the revocations should this run not. */
const markDestroyed = async ({ search: { invocation, secret } }: Removal): Promise<void> => {
  if (secret.deletedAtMs !== undefined) return;
  if (secret.rotationEnabled) await invocation.secrets.cancelRotation(secret.arn);
  const marked = versionWith(secret.stages, CURRENT) ?? Object.keys(secret.stages)[0];
  if (marked === undefined || isDestroyed(secret.stages)) return;
  await invocation.secrets.addLabel(secret.arn, marked, markLabel("destroyed", invocation.clock.now()));
};

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
interface Unconfirmed {
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

/** What is told of a key that is no more. */
const destroyed = (
  invocation: Invocation,
  { secretId, expected }: Delete,
  known: Partial<KeyFacts> & Pick<KeyFacts, "liveGenerations" | "debt"> = { liveGenerations: 0, debt: [] },
): KeyFacts => {
  const connection = expected?.connection ?? known.connection ?? "unknown";
  const access = accessOf(expected ?? {}) ?? accessOf(known);
  return {
    secretArn: secretId,
    secretName: secretId,
    ...known,
    name: expected?.name ?? known.name ?? secretId,
    connection,
    vendor: invocation.grants.connections[connection]?.vendor ?? "unknown",
    role: undefined,
    type: undefined,
    ...(access && accessFields(access)),
    status: "destroyed",
  };
};

/**
 * Ends a managed key: every generation is revoked, at whatever connection it lives, and none is minted again. When its tags
 * declare another connection than the caller expects, it lives on there: then only what no version of it holds is revoked here, and
 * reconcile retires the rest on evidence. A secret that is gone is a success: what it left is found as strays.
 * @throws KeyturnError IN_USE, NOT_MANAGED, NOT_GRANTED, UNCONFIRMED where the end of a key cannot be confirmed; VendorError,
 * UNSUPPORTED when only a person can revoke one
 */
export const remove = async (invocation: Invocation, command: Delete): Promise<KeyFacts> => {
  const secret = await invocation.secrets.describe(command.secretId);
  if (!secret) return destroyed(invocation, command);
  const removal = openRemoval(invocation, secret, command);
  const { declaration, hasMoved, force } = removal;
  const before = await plan(removal, force);
  if (!hasMoved) await markDestroyed(removal);
  // Looked at again after the mark: what was minted before it is there by now, and what comes after it takes itself back.
  const { revoke, left, revoked } = hasMoved ? before : await plan(removal, true);
  const lost = revoke.filter(({ value }) => value === undefined);
  const held = revoke.filter(({ value }) => value !== undefined);
  const byHand = new Set(await revokeAll(removal, lost));
  const still = [...(await confirm(removal, lost, witnessOf(removal, held)))];
  for (const id of await revokeAll(removal, held)) byHand.add(id);
  still.push(...(await confirm(removal, [...held, ...revoked])));
  if (!force) checkGone(removal, still, byHand);
  for (const { found, reason } of still)
    invocation.log.event("revocation.unconfirmed", { keyId: found.key.id, secretName: secret.name, reason });
  return destroyed(invocation, command, {
    secretArn: secret.arn,
    secretName: secret.name,
    name: declaration.name,
    connection: declaration.connection,
    ...accessFields(declaration.access),
    liveGenerations: left.length + still.length,
    debt: still.map(({ found }) => found.key.id),
  });
};
