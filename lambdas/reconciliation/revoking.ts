import { TAG_PREFIX } from "../contracts/declaration.ts";
import { generationOf, ownedName } from "../contracts/key-name.ts";
import { CURRENT, isCurrentToGoFirst, isDestroyed, isOnlyAbandoned, marks, versionWith } from "../contracts/labels.ts";
import { METRICS } from "../contracts/metrics.ts";
import { secretNameOf, secretPrefix } from "../contracts/secret-name.ts";
import type { Invocation } from "../invocation.ts";
import { revokeOrTell } from "../revocation.ts";
import type { SecretFacts } from "../secrets.ts";
import { readStored } from "../stored.ts";
import type { Ground, Revoke } from "./action.ts";
import { outranks } from "./holders.ts";

type Kept = string | undefined;
type OfSecret = Exclude<Ground, "stray">;

interface Now {
  readonly secret: SecretFacts;
  /** Those of the version. */
  readonly labels: readonly string[];
  /** The version that was current when the revocation was decided. */
  readonly decidedOn: string | undefined;
}

/** What took its place is the very version that was looked at: somebody may have put a value, or moved AWSCURRENT, since. */
const isReplaced = ({ secret: { stages }, labels, decidedOn }: Now): boolean => {
  const current = versionWith(stages, CURRENT);
  return !labels.includes(CURRENT) && current !== undefined && current === decidedOn;
};

/** Whether the ground for a revocation still holds on the secret as it is now: what was listed may be minutes old. */
const stillHolds: Readonly<Record<OfSecret, (now: Now) => boolean>> = {
  retired: (now) =>
    isReplaced(now) && marks("retiring", now.labels).length > 0 && !isCurrentToGoFirst(now.secret.stages),
  abandoned: ({ labels }) => isOnlyAbandoned(labels),
  compromised: (now) => isReplaced(now) && marks("compromised", now.labels).length > 0,
  "compromised-first": ({ labels }) => marks("compromised-first", labels).length > 0,
  destroyed: ({ secret }) => isDestroyed(secret.stages),
};

/** The whole secret goes, or the key whatever holds it: then it does not matter what else does. */
const REGARDLESS: ReadonlySet<Ground> = new Set(["destroyed", "compromised-first"]);

/** Reads who holds the key now. A value that is there must say the key's id; no other version may speak for it. */
const heldOtherwise = async (invocation: Invocation, secret: SecretFacts, action: Revoke): Promise<Kept> => {
  if (secret.deletedAtMs !== undefined) return undefined; // its values cannot be read any more
  const { versionId = "", keyId, ground } = action;
  const own = await readStored(invocation, secret, versionId);
  if (typeof own === "object" && own.keyId !== keyId) return "its version holds another key";
  if (REGARDLESS.has(ground)) return undefined;
  const self = { versionId, labels: secret.stages[versionId] ?? [] };
  for (const [otherId, labels] of Object.entries(secret.stages)) {
    const other = { versionId: otherId, labels };
    if (otherId === versionId || labels.length === 0 || !outranks(other, self)) continue;
    const stored = await readStored(invocation, secret, otherId);
    if (typeof stored === "object" && stored.keyId === keyId) return `version ${otherId} holds it too`;
  }
  return undefined;
};

/** @returns the secret as it is now, or why its key is kept */
const lookAgain = async ({ secrets }: Invocation, action: Revoke, ground: OfSecret): Promise<SecretFacts | string> => {
  const { secretId = "", versionId = "", currentVersionId: decidedOn } = action;
  const secret = await secrets.describe(secretId);
  if (!secret) return "its secret is gone";
  return stillHolds[ground]({ secret, labels: secret.stages[versionId] ?? [], decidedOn })
    ? secret
    : "its secret has changed";
};

/** Looks a second time after the values were read, which takes a call for each: nothing is left between a look and the revocation. */
const keptBySecret = async (invocation: Invocation, action: Revoke, ground: OfSecret): Promise<Kept> => {
  const before = await lookAgain(invocation, action, ground);
  if (typeof before === "string") return before;
  const kept = await heldOtherwise(invocation, before, action);
  if (kept !== undefined || REGARDLESS.has(ground)) return kept;
  const after = await lookAgain(invocation, action, ground);
  return typeof after === "string" ? after : undefined;
};

/** Listed once for all strays of a pass; none of them is so young that a list's lag would matter. */
const listed = new WeakMap<Invocation, Promise<readonly SecretFacts[]>>();

const allSecrets = (invocation: Invocation): Promise<readonly SecretFacts[]> => {
  const { secrets, grants } = invocation;
  const known = listed.get(invocation) ?? secrets.listUnder(secretPrefix(grants.service));
  listed.set(invocation, known);
  return known;
};

const holdersOf = ({ stages }: SecretFacts, keyName: string): readonly string[] =>
  Object.keys(stages).filter((id) => generationOf(id) === ownedName(keyName)?.generation);

const mayHold = ({ service }: Invocation["grants"], secret: SecretFacts, keyName: string): boolean => {
  const name = ownedName(keyName)?.name ?? "";
  const isCalledSo = secret.name === secretNameOf(service, name) || secret.tags[`${TAG_PREFIX}name`] === name;
  return isCalledSo || holdersOf(secret, keyName).length > 0;
};

const holdsStray = async (invocation: Invocation, secret: SecretFacts, action: Revoke): Promise<boolean> => {
  const holders = holdersOf(secret, action.keyName);
  const hasLostItsTag = secret.tags[`${TAG_PREFIX}service`] !== invocation.grants.service;
  if (hasLostItsTag || secret.deletedAtMs !== undefined) return holders.length > 0; // its values cannot be read any more
  for (const versionId of holders) {
    const stored = await readStored(invocation, secret, versionId);
    if (typeof stored === "object" && stored.keyId === action.keyId) return true;
  }
  return false;
};

/** A stray may turn out to belong to a secret that the list did not show, such as one whose tags were taken off. */
const keptByAnySecret = async (invocation: Invocation, action: Revoke): Promise<Kept> => {
  const { secrets, grants } = invocation;
  for (const { arn, name } of (await allSecrets(invocation)).filter((one) => mayHold(grants, one, action.keyName))) {
    const secret = await secrets.describe(arn);
    if (secret && (await holdsStray(invocation, secret, action))) return `the secret ${name} holds it`;
  }
  return undefined;
};

/**
 * Revokes a key, if the ground for it still holds on what is there now.
 * @returns whether the vendor was asked to
 */
export const revoke = async (invocation: Invocation, action: Revoke): Promise<boolean> => {
  const { grants, vendors, log } = invocation;
  const { keyId, keyName, ground, secretId, versionId } = action;
  const connection = grants.connections[action.connection];
  if (!connection) return false;
  const kept =
    ground === "stray" ? await keptByAnySecret(invocation, action) : await keptBySecret(invocation, action, ground);
  const facts = {
    connection: action.connection,
    ...(secretId ? { secretId } : {}),
    ...(versionId ? { versionId } : {}),
  };
  if (kept !== undefined) {
    log.event("key.kept", { keyId, keyName, ground, reason: kept, ...facts });
    if (ground === "stray") log.metric(METRICS.straysHeld, 1);
    return false;
  }
  return (await revokeOrTell(invocation, vendors(connection), { keyId, keyName, reason: ground, facts })) === "revoked";
};
