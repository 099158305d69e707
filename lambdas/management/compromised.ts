import type { Connection } from "../contracts/grants.ts";
import { CURRENT, freeMarkLabel, isCompromised, type Mark, marks, versionWith } from "../contracts/labels.ts";
import type { KeyCommandOf } from "../contracts/manage.ts";
import { KeyturnError } from "../errors.ts";
import { isMinted, isShown, NOT_SHOWN } from "../evidence/identity.ts";
import { mintedAt } from "../evidence/listing.ts";
import type { Invocation } from "../invocation.ts";
import { revokeOrTell, tellByHand } from "../revocation.ts";
import { checkWanted, type ManagedKey } from "../rotation/rotation.ts";
import { readStored, type StoredKey } from "../stored.ts";
import { openAsExpected } from "./expected.ts";
import { replaceWorking, unfinished } from "./generation.ts";
import { findOwnKeys } from "./own-keys.ts";

type Compromise = KeyCommandOf<"compromised">;

interface Target extends Pick<StoredKey, "keyId" | "vendor" | "connection"> {
  readonly versionId: string;
  readonly keyName: string;
}

/** The labelled versions that hold a key, with its id. A pending one is in nobody's hands. */
const holders = async ({ invocation, secret }: ManagedKey): Promise<readonly Target[]> => {
  const pending = unfinished(secret.stages);
  const found: Target[] = [];
  for (const versionId of Object.keys(secret.stages)) {
    const stored = versionId === pending ? "no value" : await readStored(invocation, secret, versionId);
    if (typeof stored === "object") found.push({ ...stored, versionId, keyName: stored.name ?? "" });
  }
  return found;
};

const targetOf = async (key: ManagedKey, { keyId, versionId }: Compromise): Promise<Target> => {
  const current = versionWith(key.secret.stages, CURRENT);
  const isMeant = (one: Target): boolean =>
    keyId === undefined && versionId === undefined
      ? one.versionId === current
      : (keyId ?? one.keyId) === one.keyId && (versionId ?? one.versionId) === one.versionId;
  const found = (await holders(key)).filter(isMeant);
  const target = found.find((one) => one.versionId === current) ?? found[0];
  if (target) return target;
  throw new KeyturnError(
    "KEY_NOT_FOUND",
    `no generation of ${key.secret.name} that was ever current is ${keyId ?? versionId ?? "there"}; inspect tells what there is. A key that is not the secret's is revoked at the vendor`,
  );
};

/** The mark comes first: from then on reconcile does what a run that dies does not get to. */
const mark = async (
  { invocation, secret }: ManagedKey,
  { versionId, keyId }: Target,
  first: boolean,
): Promise<void> => {
  const wanted: Mark = first ? "compromised-first" : "compromised";
  const labels = secret.stages[versionId] ?? [];
  if (first ? marks(wanted, labels).length > 0 : isCompromised(labels)) return;
  await invocation.secrets.addLabel(
    secret.arn,
    versionId,
    freeMarkLabel(wanted, invocation.clock.now(), secret.stages),
  );
  invocation.log.event("key.compromised", { secretName: secret.name, versionId, keyId, first });
};

/** Of a key that was minted here the id came with the value. Of another one the vendor has to show that they belong together. */
const isIdKnown = async (
  { invocation, secret, serviceId, declaration: { name, connection } }: ManagedKey,
  { keyId, keyName }: Target,
): Promise<boolean> => {
  if (isMinted(keyName, serviceId)) return true;
  const search = { invocation, secret, serviceId, names: new Set([name]), connection, everywhere: true };
  const found = (await findOwnKeys(search)).active.find(({ key }) => key.id === keyId);
  return found?.value !== undefined && isShown(found.value, found.key.prefix);
};

/** The connection at which a key was minted, whatever is declared now: by its value, or where that does not say, one to its vendor. */
const minterOf = ({ invocation: { grants }, connection }: ManagedKey, target: Target): Connection | undefined => {
  const { connections } = grants;
  const minted = mintedAt(target, connections);
  if (minted !== undefined) return connections[minted];
  const { vendor = connection.vendor } = target;
  return vendor === connection.vendor ? connection : Object.values(connections).find((one) => one.vendor === vendor);
};

/** By its id alone: a list that lacks it proves nothing. */
const revokeNow = async (key: ManagedKey, target: Target): Promise<void> => {
  const { invocation, secret } = key;
  const { keyId, keyName } = target;
  const revocation = { keyId, keyName, reason: "compromised-first", facts: { secretName: secret.name } };
  const minter = minterOf(key, target);
  if (!minter) tellByHand(invocation, revocation, `no connection leads to ${target.vendor} any more`);
  else if (await isIdKnown(key, target)) await revokeOrTell(invocation, invocation.vendors(minter), revocation);
  else tellByHand(invocation, revocation, NOT_SHOWN);
};

/**
 * Marks a generation as no secret any more and has it replaced at once. Reconcile revokes it as soon as the next one works; with
 * `first` it is revoked here, before, and its replacement is started whether or not that succeeds.
 * @returns the ARN of the secret
 * @throws KeyturnError KEY_NOT_FOUND, DESTROYED; VendorError
 */
export const compromised = async (invocation: Invocation, command: Compromise): Promise<string> => {
  const key = await openAsExpected(invocation, command);
  checkWanted(key.secret);
  const target = await targetOf(key, command);
  await mark(key, target, command.first ?? false);
  try {
    if (command.first) await revokeNow(key, target);
  } finally {
    if (target.versionId === versionWith(key.secret.stages, CURRENT)) await replaceWorking(key);
  }
  return key.secret.arn;
};
