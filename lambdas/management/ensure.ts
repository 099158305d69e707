import { sameAccess } from "../contracts/access.ts";
import { worksByMs } from "../contracts/grants.ts";
import { CURRENT, marks, versionWith } from "../contracts/labels.ts";
import { askerOf, type KeyCommandOf, type ObjectClaim } from "../contracts/manage.ts";
import { METRICS } from "../contracts/metrics.ts";
import type { SecretValue } from "../contracts/secret-value.ts";
import { KeyturnError } from "../errors.ts";
import { controlBy, type Standing, standingOf, standingOfRevoked } from "../evidence/refusal.ts";
import type { Invocation } from "../invocation.ts";
import { type Drift, driftOf } from "../rotation/drift.ts";
import { isElsewhere } from "../rotation/elsewhere.ts";
import { distributeLater } from "../rotation/finish-secret.ts";
import { cameAfterMint } from "../rotation/in-vain.ts";
import { withoutWording } from "../rotation/listed-otherwise.ts";
import { checkWanted, type ManagedKey, openManagedKey, rotationOf, storedGeneration } from "../rotation/rotation.ts";
import { waitUntilAlive } from "../rotation/test-secret.ts";
import { wholenessOf, wrongOrganization } from "../rotation/whole-listing.ts";
import type { Listing, VendorKey } from "../vendors/vendor.ts";
import { changeInPlace } from "./change-in-place.ts";
import { lacksOwnGeneration } from "./claim-plan.ts";
import { claimFor, claimIn, unclaimedFrom } from "./claims.ts";
import { openAsExpected } from "./expected.ts";
import { replaceMissing, replaceWorking } from "./generation.ts";
import { revive } from "./revive.ts";

type Ensuring = KeyCommandOf<"ensure"> | KeyCommandOf<"update">;

/** A current generation of the declared vendor, with its version. */
interface Current {
  readonly versionId: string;
  readonly stored: SecretValue;
}

const cannotTell = ({ secret, vendor }: ManagedKey, { stored }: Current): KeyturnError =>
  new KeyturnError(
    "UNCONFIRMED",
    `whether ${vendor.vendor.name} takes the current key ${stored.keyId} of ${secret.name} cannot be told, so nothing was done; the next try looks again`,
    { retryable: true },
  );

const standing = (key: ManagedKey, { stored }: Current): Promise<Standing> =>
  standingOf(key.vendor, stored.apiKey, controlBy(key.vendor));

/** A young key may still be spreading. Whoever stored it may have died before it worked, and nobody else tells its targets. */
const awaitYoung = async (key: ManagedKey, { versionId, stored }: Current): Promise<void> => {
  const rotation = rotationOf(key, versionId);
  await waitUntilAlive(rotation, stored);
  await distributeLater(rotation);
};

const isDead = (said: Standing): boolean => said === "refused" || said === "doubted";

/**
 * Whether a listed current generation works. The list says so where it shows that the key was used: a check with the key itself
 * would count as use. One that is listed as revoked is dead, unless its vendor takes it all the same.
 * @throws KeyturnError UNCONFIRMED where that cannot be told of one that is listed as revoked
 */
const listedWorks = async (key: ManagedKey, current: Current, listed: VendorKey): Promise<boolean> => {
  if (listed.active) return typeof listed.lastUse === "number" || !isDead(await standing(key, current));
  const said = await standingOfRevoked(key.vendor, current.stored.apiKey, controlBy(key.vendor));
  if (said === "cannot tell") throw cannotTell(key, current);
  return !isDead(said);
};

/**
 * A current generation that the list lacks. One of another connection is replaced; else its value says whether it works: then the list is
 * not whole, or another organization's.
 * @throws KeyturnError WRONG_ORGANIZATION, UNCONFIRMED; VendorError
 */
const followUnlisted = async (key: ManagedKey, current: Current, listing: Listing): Promise<void> => {
  if (await isElsewhere(key, current.stored)) return replaceMissing(key);
  const said = await standing(key, current);
  if (said === "refused") return replaceMissing(key);
  if (said === "cannot tell") throw cannotTell(key, current);
  const { keyId, issuedAtMs, access } = current.stored;
  const absent = { keyId, issuedAtMs, listed: "absent", works: true } as const;
  const judged = await wholenessOf(key, listing, { works: true, current: absent });
  if (judged.kind === "wrong organization") throw wrongOrganization(key, judged.missing);
  key.invocation.log.event("key.not-listed", {
    secretName: key.secret.name,
    keyId,
    reason: "it works, although its vendor does not list it",
  });
  if (!sameAccess(access, key.declaration.access)) await replaceWorking(key);
};

/** Tells that the vendor lists a key otherwise than it was minted, as it did with the one before: another one would not help. */
const tellWording = ({ invocation, secret }: ManagedKey, { versionId, stored }: Current, drift: Drift): void => {
  const what = drift.access ? "access" : "name";
  const reason = "its vendor lists it otherwise than it was minted, as it did with the one before: it is left as it is";
  invocation.log.event("drift.found", { secretName: secret.name, versionId, what, keyId: stored.keyId, reason });
  invocation.log.metric(METRICS.driftFound, 1);
};

/** Replaces a generation that differs from its declaration, and could not be changed in place, where that may help. */
const replaceDiffering = async (key: ManagedKey, current: Current, drift: Drift): Promise<void> => {
  const isReplacement = marks("listed-otherwise", key.secret.stages[current.versionId] ?? []).length > 0;
  const left = isReplacement ? withoutWording(drift, key.declaration, current.stored) : drift;
  if (left) await replaceWorking(key);
  else tellWording(key, current, drift);
};

const followDeclaration = async (key: ManagedKey, current: Current): Promise<void> => {
  const { stored } = current;
  const isYoung = key.invocation.clock.now() <= worksByMs(key.connection, stored.issuedAtMs);
  const listing = await key.vendor.list();
  const listed = listing.keys.find((one) => one.id === stored.keyId);
  if (isYoung && listed?.active !== false) await awaitYoung(key, current);
  else if (!listed) return followUnlisted(key, current, listing);
  else if (!(await listedWorks(key, current, listed))) return replaceMissing(key);
  if (!listed) return; // too young to be listed: the next call looks again
  const drift = driftOf(key.declaration, listed, stored.access);
  if (drift === undefined || (await changeInPlace(key, listed, drift))) return;
  await replaceDiffering(key, current, drift);
};

/**
 * Sees to it that a managed key has one verified current generation with the declared name and access, or that one is on its
 * way, whatever is there.
 * @throws KeyturnError, VendorError
 */
export const bringAbout = async (key: ManagedKey): Promise<void> => {
  const versionId = versionWith(key.secret.stages, CURRENT);
  const stored = versionId === undefined ? undefined : await storedGeneration(key, versionId);
  if (versionId === undefined || stored?.vendor !== key.vendor.vendor.name) return replaceMissing(key);
  return followDeclaration(key, { versionId, stored });
};

/** Whoever asks without being an object of Terraform's makes a key that no object has. */
const claimed = async (key: ManagedKey, command: Ensuring): Promise<ManagedKey> => {
  if (command.claim === undefined && command.protocol === undefined) return unclaimedFrom(key);
  const makes = command.action === "ensure" && command.revive === true;
  return claimFor(key, makes ? claimIn(key, command) : command.claim);
};

/**
 * An object that is made beside others gets a generation of its own, so that what replaces another object replaces its key, too: the one
 * before retires as after any rotation.
 */
const giveOwnGeneration = async ({ invocation, secret, asker }: ManagedKey, claim: ObjectClaim): Promise<void> => {
  const fresh = await openManagedKey(invocation, secret.arn);
  if (lacksOwnGeneration(fresh.secret.held, fresh.secret.stages, claim.id))
    await replaceWorking({ ...fresh, ...(asker ? { asker } : {}) });
};

const carryOut = async (invocation: Invocation, command: Ensuring): Promise<string> => {
  const opened = await openAsExpected(invocation, command);
  const revives = command.action === "ensure" && command.revive === true;
  if (!revives) checkWanted(opened.secret);
  const found = { ...(await claimed(opened, command)), asker: askerOf(command) };
  const key = revives ? await revive(found) : found;
  checkWanted(key.secret);
  if (command.action === "ensure" && command.newOrganization) {
    await replaceMissing({ ...key, acceptsOrganization: true });
    return key.secret.arn;
  }
  // What a destroy may have revoked, or may still be revoking, is not built on.
  await (key === found ? bringAbout(key) : replaceMissing(key));
  if (command.claim) await giveOwnGeneration(found, command.claim);
  return key.secret.arn;
};

/** A destroy that finds a new claim takes its mark off again; what met the mark in between is begun anew. */
const MARKED_AT_MOST = 3;

const throughMarks = async (invocation: Invocation, command: Ensuring): Promise<string> => {
  for (let tries = 1; ; tries++)
    try {
      return await carryOut(invocation, command);
    } catch (error) {
      const isMarked = error instanceof KeyturnError && error.code === "DESTROYED" && command.action === "ensure";
      if (!isMarked || !command.revive || tries >= MARKED_AT_MOST) throw error;
    }
};

/**
 * Both are one work: what is missing or dead is made, what differs is changed. Only `ensure` may bring a destroyed key back. A mint that
 * nobody asked for and that came to nothing is told, and no error: Lambda would try it again.
 * @returns the ARN of the secret
 * @throws KeyturnError, VendorError
 */
export const ensure = async (invocation: Invocation, command: Ensuring): Promise<string> => {
  try {
    return await throughMarks(invocation, command);
  } catch (error) {
    if (!command.automatic || !cameAfterMint(error)) throw error;
    invocation.log.failure("mint.not-repeated", error, { secretId: command.secretId });
    invocation.log.metric(METRICS.rotationFailed, 1);
    return command.secretId;
  }
};
