import { TAG_PREFIX } from "../../contracts/declaration.ts";
import { generationOf, ownedName, serviceId } from "../../contracts/key-name.ts";
import {
  CURRENT,
  freeMarkLabel,
  isCurrentToGoFirst,
  isDestroyed,
  isOnlyAbandoned,
  isRetiring,
  isRevoking,
  marks,
  versionWith,
} from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import { secretNameOf, secretPrefix } from "../../contracts/secret-name.ts";
import type { SecretValue } from "../../contracts/secret-value.ts";
import type { Ending, KnownKey } from "../../evidence/ending.ts";
import { isIdKnown, isMinted, NOT_SHOWN } from "../../evidence/identity.ts";
import { isMintedAt } from "../../evidence/listing.ts";
import type { Invocation } from "../../invocation.ts";
import { otherHolderOf, revokeOrTell, tellByHand } from "../../revocation.ts";
import type { SecretFacts } from "../../secrets.ts";
import { readGeneration, readStored } from "../../stored.ts";
import type { Ground, Revoke } from "../decide/action.ts";
import { outranks } from "../decide/holders.ts";

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

const isLeaving = (labels: readonly string[]): boolean => isRetiring(labels) || isRevoking(labels);

/** Whether the ground for a revocation still holds on the secret as it is now: what was listed may be minutes old. */
const stillHolds: Readonly<Record<OfSecret, (now: Now) => boolean>> = {
  retired: (now) => isReplaced(now) && isLeaving(now.labels) && !isCurrentToGoFirst(now.secret.stages),
  abandoned: ({ labels }) => isOnlyAbandoned(labels),
  compromised: (now) => isReplaced(now) && marks("compromised", now.labels).length > 0,
  "compromised-first": ({ labels }) => marks("compromised-first", labels).length > 0,
  destroyed: ({ secret }) => isDestroyed(secret.stages),
};

/** The whole secret goes, or the key whatever holds it: then it does not matter what else does. */
const REGARDLESS: ReadonlySet<Ground> = new Set(["destroyed", "compromised-first"]);

/** What a look at a secret found: why its key is kept, or what is to be revoked and by what it is confirmed. */
type Look = { readonly kept: string } | { readonly secret: SecretFacts; readonly value: SecretValue | undefined };

/** Reads who holds the key now. A value that is there must say the key's id; no other version may speak for it. */
const heldOtherwise = async (invocation: Invocation, secret: SecretFacts, action: Revoke): Promise<Look> => {
  if (secret.deletedAtMs !== undefined) return { secret, value: undefined }; // its values cannot be read any more
  const { versionId = "", keyId, ground } = action;
  const own = await readGeneration(invocation, secret, versionId);
  if (typeof own === "object" && own.keyId !== keyId) return { kept: "its version holds another key" };
  const found = { secret, value: typeof own === "object" ? own : undefined };
  if (REGARDLESS.has(ground)) return found;
  const { grants, functionArn } = invocation;
  const isOurs = isMinted(action.keyName, serviceId(grants.service, functionArn));
  const elsewhere = isOurs ? undefined : await otherHolderOf(invocation, secret, keyId);
  if (elsewhere !== undefined) return { kept: elsewhere };
  const self = { versionId, labels: secret.stages[versionId] ?? [] };
  for (const [otherId, labels] of Object.entries(secret.stages)) {
    const other = { versionId: otherId, labels };
    if (otherId === versionId || labels.length === 0 || !outranks(other, self)) continue;
    const stored = await readStored(invocation, secret, otherId);
    if (typeof stored === "object" && stored.keyId === keyId) return { kept: `version ${otherId} holds it too` };
  }
  return found;
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

/** Of two sets of marks those that come are put first, so that the version has one at any time. */
const exchangeMarks = async (
  { secrets }: Invocation,
  { arn }: SecretFacts,
  versionId: string,
  [come, go]: readonly [come: readonly string[], go: readonly string[]],
): Promise<void> => {
  for (const label of come) await secrets.addLabel(arn, versionId, label);
  for (const label of go) await secrets.removeLabel(arn, versionId, label);
};

/** A decision that was written down. */
interface Decided {
  /** The mark; `undefined`: there was one before. */
  readonly label?: string | undefined;
  takeBack(): Promise<void>;
}

/** The decision is durable before the vendor is asked. */
const markRevoking = async (invocation: Invocation, secret: SecretFacts, versionId: string): Promise<Decided> => {
  if (secret.deletedAtMs !== undefined) return { takeBack: async () => {} }; // its labels cannot be changed any more
  const labels = secret.stages[versionId] ?? [];
  const come = isRevoking(labels) ? [] : [freeMarkLabel("revoking", invocation.clock.now(), secret.stages)];
  const go = marks("retiring", labels).map(({ label }) => label);
  await exchangeMarks(invocation, secret, versionId, [come, go]);
  return { label: come[0], takeBack: () => exchangeMarks(invocation, secret, versionId, [go, come]) };
};

const ANOTHERS = "another pass has just decided it";

/** Whether another pass wrote the same decision down before this one did: of two at once only the first asks the vendor. */
const isAnothers = (labels: readonly string[], { label }: Decided): boolean => {
  const [first] = marks("revoking", labels).toSorted((a, b) => a.atMs - b.atMs);
  return label !== undefined && first !== undefined && first.label !== label;
};

/** Looks a second time after the values were read, which takes a call for each: nothing is left between a look and the revocation. */
const lookAtSecret = async (invocation: Invocation, action: Revoke, ground: OfSecret): Promise<Look> => {
  const before = await lookAgain(invocation, action, ground);
  if (typeof before === "string") return { kept: before };
  const found = await heldOtherwise(invocation, before, action);
  if ("kept" in found) return found;
  if (REGARDLESS.has(ground)) return found;
  const { versionId = "" } = action;
  const isDecision = ground === "retired" && !action.isGone;
  if (isDecision && action.endsOverlap && isRevoking(before.stages[versionId] ?? [])) return { kept: ANOTHERS };
  const decided = isDecision ? await markRevoking(invocation, before, versionId) : undefined;
  const after = await lookAgain(invocation, action, ground);
  if (typeof after === "string") {
    await decided?.takeBack();
    return { kept: after };
  }
  if (!decided?.label || !isAnothers(after.stages[versionId] ?? [], decided)) return found;
  await invocation.secrets.removeLabel(after.arn, versionId, decided.label);
  return { kept: ANOTHERS };
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

/** What a key whose value cannot be read is confirmed by: the current one, minted at the same connection and not the one in doubt. */
const knownBeside = async (
  invocation: Invocation,
  { stages, arn, name, deletedAtMs }: SecretFacts,
  action: Revoke,
): Promise<KnownKey | undefined> => {
  const current = versionWith(stages, CURRENT);
  if (deletedAtMs !== undefined || current === undefined || action.ground === "destroyed") return undefined;
  const found = await readGeneration(invocation, { arn, name }, current);
  const { connections } = invocation.grants;
  const isBeside = typeof found === "object" && isMintedAt(found, action.connection, connections);
  return isBeside && found.keyId !== action.keyId ? { keyId: found.keyId, value: found.apiKey } : undefined;
};

/** What a revocation is waiting for: its confirmation. */
export interface Asked {
  readonly action: Revoke;
  readonly ending: Ending;
}

/**
 * Revokes a key, if the ground for it still holds on what is there now.
 * @returns what is to be confirmed; `undefined`: the key is kept, or is a stray, which shows itself again where it lives
 */
export const revoke = async (invocation: Invocation, action: Revoke): Promise<Asked | undefined> => {
  const { grants, vendors, log, functionArn } = invocation;
  const { keyId, keyName, ground, secretId, versionId } = action;
  const connection = grants.connections[action.connection];
  if (!connection) return undefined;
  const look: Look | { kept: string | undefined } =
    ground === "stray"
      ? { kept: await keptByAnySecret(invocation, action) }
      : await lookAtSecret(invocation, action, ground);
  const facts = {
    connection: action.connection,
    ...(secretId ? { secretId } : {}),
    ...(versionId ? { versionId } : {}),
  };
  if ("kept" in look && look.kept !== undefined) {
    log.event("key.kept", { keyId, keyName, ground, reason: look.kept, ...facts });
    if (ground === "stray") log.metric(METRICS.straysHeld, 1);
    return undefined;
  }
  const value = "secret" in look ? look.value : undefined;
  const revocation = { keyId, keyName, reason: ground, facts };
  if (!isIdKnown(serviceId(grants.service, functionArn), { ...action, value: value?.apiKey }))
    tellByHand(invocation, revocation, NOT_SHOWN);
  else if (!action.isGone) await revokeOrTell(invocation, vendors(connection), revocation);
  if (!("secret" in look)) return undefined;
  const known = value ? undefined : await knownBeside(invocation, look.secret, action);
  return { action, ending: { keyId, keyName, connection, value: value?.apiKey, known } };
};
