import { timeText } from "../clock.ts";
import { accessFields, accessOf } from "../contracts/access.ts";
import { toldClaims, UNNAMED } from "../contracts/claims.ts";
import { type Declaration, declarationOf } from "../contracts/declaration.ts";
import type { KeyFacts } from "../contracts/key-facts.ts";
import { CURRENT, isDestroyed, markLabel, versionWith } from "../contracts/labels.ts";
import type { KeyCommandOf } from "../contracts/manage.ts";
import { KeyturnError } from "../errors.ts";
import { isMinted } from "../evidence/identity.ts";
import { unclear } from "../evidence/refusal.ts";
import type { Invocation } from "../invocation.ts";
import { otherHolderOf } from "../revocation.ts";
import { openManagedKey } from "../rotation/rotation.ts";
import type { SecretFacts } from "../secrets.ts";
import { works } from "../vendors/verify.ts";
import { dropClaim, dropClaimBeside, dropClaimOfLiving, othersOf, type ToldClaim } from "./claims.ts";
import { type Planned, revokeAndConfirm } from "./end-keys.ts";
import { leftTargets } from "./left-targets.ts";
import { checkServed, openRemoval, type Removal } from "./opened-removal.ts";
import { type FoundKey, findOwnKeys } from "./own-keys.ts";
import { planRemoval, type RemovalPlan } from "./removal.ts";
import { revive } from "./revive.ts";

type Delete = KeyCommandOf<"delete">;

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
  const marked = versionWith(secret.stages, CURRENT) ?? Object.keys(secret.stages)[0];
  if (marked === undefined || isDestroyed(secret.stages)) return;
  await invocation.secrets.addLabel(secret.arn, marked, markLabel("destroyed", invocation.clock.now()));
};

const endRotation = async (invocation: Invocation, secret: SecretFacts | undefined): Promise<void> => {
  if (secret?.rotationEnabled && secret.deletedAtMs === undefined) await invocation.secrets.cancelRotation(secret.arn);
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

/** What is told of an object whose key lives on for others. */
const leftAlive = (
  invocation: Invocation,
  command: Delete,
  secret: SecretFacts,
  others: readonly ToldClaim[],
): KeyFacts => {
  const declaration = declarationOf(secret.tags, secret.name);
  const claims = [...toldClaims(others)];
  invocation.log.event("key.kept", { secretName: secret.name, ground: "destroyed", reason: "others claim it", claims });
  return destroyed(invocation, command, { ...factsOf(secret, declaration), liveGenerations: 0, debt: [], claims });
};

const factsOf = (secret: SecretFacts, declaration: Declaration) => ({
  secretArn: secret.arn,
  secretName: secret.name,
  name: declaration.name,
  connection: declaration.connection,
  ...accessFields(declaration.access),
});

/** The same secret as it is now; `undefined`: it is gone. */
const fresh = ({ search: { invocation, secret } }: Removal): Promise<SecretFacts | undefined> =>
  invocation.secrets.describe(secret.arn);

const ended = async (removal: Removal, command: Delete, planned: Planned): Promise<KeyFacts> => {
  const { invocation, secret } = removal.search;
  const still = await revokeAndConfirm(removal, planned);
  const left = removal.hasMoved ? [] : [...leftTargets(secret.tags)];
  if (left.length > 0) invocation.log.event("targets.left", { secretName: secret.name, left });
  return destroyed(invocation, command, {
    ...factsOf(secret, removal.declaration),
    liveGenerations: planned.left.length + still.length,
    debt: still.map(({ found }) => found.key.id),
    claims: [],
    ...(left.length > 0 ? { leftTargets: left } : {}),
  });
};

/**
 * Ends a key for good. Its object's claim goes right after the mark: with the mark and no claim the key is ended, whoever finds that. Claims are
 * looked for once more after the keys were listed: whoever claims later finds the mark, and mints what is not in that list. The rotation ends
 * last, for nobody turns it on again.
 * @returns the claims that came in between: then the key lives on
 */
const endKey = async (removal: Removal, id: string): Promise<Planned | readonly ToldClaim[]> => {
  const { invocation } = removal.search;
  await markDestroyed(removal);
  await dropClaim(invocation, removal.search.secret, id);
  const planned = await plan(removal, true);
  const now = await fresh(removal);
  const others = now ? await othersOf(invocation, now, id) : [];
  if (others.length === 0) {
    await endRotation(invocation, now);
    return planned;
  }
  await revive(await openManagedKey(invocation, removal.search.secret.arn));
  return others;
};

/**
 * Takes an object's claim on a key away. With the last one the key ends: every generation is revoked, at whatever connection it lives, and none
 * is minted again. When its tags declare another connection than the caller expects, it lives on there: then only what no version of it
 * holds is revoked here, and reconcile retires the rest on evidence. A secret that is gone is a success: what it left is found as strays.
 * @throws KeyturnError IN_USE, NOT_MANAGED, NOT_GRANTED, UNCONFIRMED where the end of a key cannot be confirmed; VendorError,
 * UNSUPPORTED when only a person can revoke one
 */
export const remove = async (invocation: Invocation, command: Delete): Promise<KeyFacts> => {
  const secret = await invocation.secrets.describe(command.secretId);
  if (!secret) return destroyed(invocation, command);
  const declaration = declarationOf(secret.tags, secret.name);
  checkServed(invocation, secret, declaration);
  const id = command.claim?.id ?? UNNAMED;
  const hasMoved = (command.expected?.connection ?? declaration.connection) !== declaration.connection;
  const others = hasMoved ? [] : await othersOf(invocation, secret, id);
  if (others.length > 0) return keepFor(invocation, command, secret, others);
  const removal = await openRemoval(invocation, secret, command);
  const before = await plan(removal, removal.force);
  if (removal.hasMoved) {
    const facts = await ended(removal, command, before);
    await dropClaimOfLiving(invocation, secret, id);
    return facts;
  }
  if (secret.deletedAtMs === undefined && !isDestroyed(secret.stages))
    await invocation.clock.sleep(invocation.grants.claimWait);
  return endUnlessClaimed(removal, command, id);
};

/** Takes the claim away, and nothing else, unless all the others went at the same time. */
const keepFor = async (
  invocation: Invocation,
  command: Delete,
  secret: SecretFacts,
  others: readonly ToldClaim[],
): Promise<KeyFacts> => {
  const left = await dropClaimBeside(invocation, secret, command.claim?.id ?? UNNAMED);
  const areGone = left.length === 0 && others.some(({ sinceMs }) => sinceMs !== undefined);
  return areGone
    ? remove(invocation, command)
    : leftAlive(invocation, command, secret, left.length > 0 ? left : others);
};

/** The second look, after those that may be about to claim the key had their time. */
const endUnlessClaimed = async (removal: Removal, command: Delete, id: string): Promise<KeyFacts> => {
  const { invocation } = removal.search;
  const secret = await fresh(removal);
  if (!secret) return destroyed(invocation, command);
  const others = await othersOf(invocation, secret, id);
  if (others.length > 0) return keepFor(invocation, command, secret, others);
  const found = await endKey({ ...removal, search: { ...removal.search, secret } }, id);
  return "revoke" in found ? ended(removal, command, found) : leftAlive(invocation, command, secret, found);
};
