import { accessFields, accessOf } from "../contracts/access.ts";
import { type Declaration, declarationOf } from "../contracts/declaration.ts";
import type { KeyFacts } from "../contracts/key-facts.ts";
import { serviceId } from "../contracts/key-name.ts";
import { CURRENT, isDestroyed, markLabel, versionWith } from "../contracts/labels.ts";
import type { KeyCommandOf } from "../contracts/manage.ts";
import { KeyturnError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { revokeOrTell } from "../revocation.ts";
import { isReplica, type SecretFacts } from "../secrets.ts";
import { VendorError } from "../vendors/vendor-error.ts";
import { type FoundKey, findOwnKeys, type Search } from "./own-keys.ts";
import { planRemoval } from "./removal.ts";

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

/** @throws KeyturnError IN_USE */
const plan = async ({ search, declaration, hasMoved }: Removal, force: boolean) => {
  const keys = await findOwnKeys(search);
  const { quietMs } = declaration;
  const decided = planRemoval({ keys, quietMs, nowMs: search.invocation.clock.now(), force, hasMoved });
  if (decided.kind === "revoke") return decided;
  throw new KeyturnError(
    "IN_USE",
    `the key ${decided.key.id} of ${search.secret.name} was used at ${new Date(Number(decided.key.lastUse)).toISOString()}, so nothing was revoked; stop its workloads and try again after ${new Date(decided.untilMs).toISOString()}, or say force`,
    { retryable: true },
  );
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
const revokeAll = async ({ search }: Removal, keys: readonly FoundKey[]): Promise<ReadonlySet<string>> => {
  const byHand = new Set<string>();
  const facts = { secretName: search.secret.name };
  for (const { vendor, key } of keys) {
    const revocation = { keyId: key.id, keyName: key.name, reason: "destroyed", facts };
    if ((await revokeOrTell(search.invocation, vendor, revocation)) === "by hand") byHand.add(key.id);
  }
  return byHand;
};

/**
 * @param byHand those that the vendor cannot be asked to revoke: nothing that anybody waits for changes that
 * @throws KeyturnError CONFLICT (retryable), VendorError UNSUPPORTED
 */
const checkGone = ({ search }: Removal, left: readonly FoundKey[], byHand: ReadonlySet<string>): void => {
  const [first] = left;
  if (!first) return;
  const forPeople = left.filter(({ key }) => byHand.has(key.id));
  if (forPeople.length > 0)
    throw new VendorError(
      "UNSUPPORTED",
      `${first.vendor.vendor.name} has no request that revokes ${forPeople.map(({ key }) => key.id).join(", ")} of ${search.secret.name}; revoke by hand at the vendor and try again, or say force`,
    );
  throw new KeyturnError(
    "CONFLICT",
    `${first.vendor.vendor.name} still lists ${left.map(({ key }) => key.id).join(", ")} of ${search.secret.name} as active; if that stays so, revoke by hand at the vendor and try again, or say force`,
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
 * @throws KeyturnError IN_USE, NOT_MANAGED, NOT_GRANTED, CONFLICT when a key is still there afterwards; VendorError, UNSUPPORTED
 * when only a person can revoke one
 */
export const remove = async (invocation: Invocation, command: Delete): Promise<KeyFacts> => {
  const secret = await invocation.secrets.describe(command.secretId);
  if (!secret) return destroyed(invocation, command);
  const removal = openRemoval(invocation, secret, command);
  const { search, declaration, hasMoved, force } = removal;
  const before = await plan(removal, force);
  if (!hasMoved) await markDestroyed(removal);
  // Looked at again after the mark: what was minted before it is there by now, and what comes after it takes itself back.
  const { revoke, left } = hasMoved ? before : await plan(removal, true);
  const byHand = await revokeAll(removal, revoke);
  const after = revoke.length > 0 ? await findOwnKeys(search) : [];
  const isLeft = ({ key }: FoundKey) => left.some((own) => own.key.id === key.id);
  const still = after.filter((own) => !isLeft(own));
  checkGone(removal, force ? still.filter(({ key }) => !byHand.has(key.id)) : still, byHand);
  return destroyed(invocation, command, {
    secretArn: secret.arn,
    secretName: secret.name,
    name: declaration.name,
    connection: declaration.connection,
    ...accessFields(declaration.access),
    liveGenerations: left.length + still.length,
    debt: still.map(({ key }) => key.id),
  });
};
