import { TAG_PREFIX } from "../contracts/declaration.ts";
import { generationOf, ownedName } from "../contracts/key-name.ts";
import { CURRENT, isDestroyed, isOnlyAbandoned, marks, versionWith } from "../contracts/labels.ts";
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

const isReplaced = ({ stages }: SecretFacts, labels: readonly string[]): boolean =>
  !labels.includes(CURRENT) && versionWith(stages, CURRENT) !== undefined;

/** Whether the ground for a revocation still holds on the secret as it is now: what was listed may be minutes old. */
const stillHolds: Readonly<Record<OfSecret, (secret: SecretFacts, labels: readonly string[]) => boolean>> = {
  retired: (secret, labels) => isReplaced(secret, labels) && marks("retiring", labels).length > 0,
  abandoned: (_, labels) => isOnlyAbandoned(labels),
  compromised: (secret, labels) => isReplaced(secret, labels) && marks("compromised", labels).length > 0,
  "compromised-first": (_, labels) => marks("compromised-first", labels).length > 0,
  destroyed: ({ stages }) => isDestroyed(stages),
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

const keptBySecret = async (invocation: Invocation, action: Revoke, ground: OfSecret): Promise<Kept> => {
  const secret = await invocation.secrets.describe(action.secretId ?? "");
  if (!secret) return "its secret is gone";
  if (!stillHolds[ground](secret, secret.stages[action.versionId ?? ""] ?? [])) return "its secret has changed";
  return heldOtherwise(invocation, secret, action);
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

/** Revokes a key, if the ground for it still holds on what is there now. */
export const revoke = async (invocation: Invocation, action: Revoke): Promise<void> => {
  const { grants, vendors, log } = invocation;
  const { keyId, keyName, ground, secretId, versionId } = action;
  const connection = grants.connections[action.connection];
  if (!connection) return;
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
    return;
  }
  await revokeOrTell(invocation, vendors(connection), { keyId, keyName, reason: ground, facts });
};
