import { type Claim, type Claims, NO_CLAIMS, standingClaims, UNNAMED, unclaimedLabel } from "../contracts/claims.ts";
import { CURRENT, isDestroyed, MAX_OWN_LABELS, versionWith } from "../contracts/labels.ts";
import type { ObjectClaim } from "../contracts/manage.ts";
import { KeyturnError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { type ManagedKey, openManagedKey } from "../rotation/rotation.ts";
import { labelCount, type SecretFacts } from "../secrets.ts";
import { readStored } from "../stored.ts";
import { planClaim } from "./claim-plan.ts";
import { dropLabel } from "./drop-label.ts";

/** A claim as it is told: of one that is not written, nobody knows since when. */
export type ToldClaim = Pick<Claim, "id" | "isOpen"> & { readonly sinceMs?: number };

/**
 * Whether a key has the unnamed claim without anything being written: every key that Keyturn made before claims were written has it. A key that
 * was destroyed has none, nor one that says so.
 */
const hasUnwrittenClaim = async (invocation: Invocation, secret: SecretFacts): Promise<boolean> => {
  const { claims, unclaimed } = secret.held;
  const current = versionWith(secret.stages, CURRENT);
  const isSaid = claims.length > 0 || unclaimed !== undefined || isDestroyed(secret.stages);
  if (isSaid || current === undefined || secret.deletedAtMs !== undefined) return false;
  return typeof (await readStored(invocation, secret, current)) === "object";
};

/** The claims on a key other than this one. */
export const othersOf = async (
  invocation: Invocation,
  secret: SecretFacts,
  id: string,
): Promise<readonly ToldClaim[]> => {
  const { clock, grants } = invocation;
  const others = standingClaims(secret.held, clock.now(), grants.mintTimeout).filter((claim) => claim.id !== id);
  if (others.length > 0 || id === UNNAMED) return others;
  return (await hasUnwrittenClaim(invocation, secret)) ? [{ id: UNNAMED, isOpen: false }] : [];
};

const tooMany = ({ name }: SecretFacts, count: number, held: Claims): KeyturnError =>
  new KeyturnError(
    "LABEL_LIMIT",
    `${name} has ${count} labels of Keyturn's, so that no further object can claim its key; the log of reconcile says what generations wait for, and a claim of a state that is lost (${held.claims.map(({ id }) => id).join(", ") || "there is none"}) is dropped with the action release`,
  );

const putLabels = async (
  { secrets }: Invocation,
  secret: SecretFacts,
  versionId: string,
  labels: readonly string[],
): Promise<void> => {
  try {
    for (const label of labels) await secrets.addLabel(secret.arn, versionId, label);
  } catch (error) {
    if (!(error instanceof Error && error.name === "LimitExceededException")) throw error;
    throw tooMany(secret, labelCount(secret), secret.held);
  }
};

/**
 * Writes that an object holds the key, before anything else is done for it. Of a key without a version its first one will say so.
 * @returns the key as it is then
 * @throws KeyturnError LABEL_LIMIT
 */
export const claimFor = async (key: ManagedKey, asked: ObjectClaim | undefined): Promise<ManagedKey> => {
  const { invocation, secret } = key;
  if (!asked || secret.deletedAtMs !== undefined) return key;
  const { clock, grants, log } = invocation;
  const hasUnnamed = await hasUnwrittenClaim(invocation, secret);
  const facts = { ...secret, hasUnnamed, nowMs: clock.now(), timeoutMs: grants.mintTimeout };
  const { put, on, drop } = planClaim(facts, asked);
  if (put.length === 0 && drop.length === 0) return key;
  if (on === undefined) return { ...key, ...(put[0] === undefined ? {} : { labelOnFirst: put[0] }) };
  const count = labelCount(secret);
  if (asked.isOpen && count + put.length > MAX_OWN_LABELS) throw tooMany(secret, count, secret.held);
  await putLabels(invocation, secret, on, put);
  for (const { versionId, label } of drop) await dropLabel(invocation, secret.arn, versionId, label);
  log.event("claim.written", { secretName: secret.name, claim: asked.id, isOpen: asked.isOpen === true });
  return { ...key, ...(await openManagedKey(invocation, secret.arn)) };
};

/**
 * The claim with which a key is asked for. That of an object whose provider knows no claims is written where others are, so that these do not end
 * the key alone; a person who asks has none.
 */
export const claimIn = (
  { secret: { held } }: ManagedKey,
  { claim, protocol }: { readonly claim?: ObjectClaim | undefined; readonly protocol?: unknown },
): ObjectClaim | undefined => {
  if (claim || protocol === undefined) return claim;
  return held.claims.length > 0 || held.unclaimed ? { id: UNNAMED } : undefined;
};

/** What an object's first version says where nobody's claim comes with it. */
export const unclaimedFrom = (key: ManagedKey): ManagedKey => ({
  ...key,
  labelOnFirst: unclaimedLabel(key.invocation.clock.now()),
});

/** Takes a claim away. Labels of a secret that is marked for deletion cannot be changed any more. */
export const dropClaim = async (invocation: Invocation, secret: SecretFacts, id: string): Promise<void> => {
  if (secret.deletedAtMs !== undefined) return;
  const own = secret.held.claims.filter((claim) => claim.id === id);
  for (const { versionId, label } of own) await dropLabel(invocation, secret.arn, versionId, label);
  if (own.length > 0) invocation.log.event("claim.dropped", { secretName: secret.name, claim: id });
};

/** Writes that nobody claims a key, so that it has not the unnamed claim either. */
const sayUnclaimed = async (invocation: Invocation, secret: SecretFacts): Promise<void> => {
  const on = versionWith(secret.stages, CURRENT);
  if (on === undefined || secret.deletedAtMs !== undefined || secret.held.unclaimed) return;
  await putLabels(invocation, secret, on, [unclaimedLabel(invocation.clock.now())]);
};

/** Claims a key that people made before it is taken over; where a person asks, nobody has it then, not even an object from before claims. */
export const claimAdopted = async (key: ManagedKey, command: Parameters<typeof claimIn>[1]): Promise<ManagedKey> => {
  const { invocation, secret } = key;
  const claim = claimIn(key, command);
  const isNobodys = secret.held.claims.length === 0 && !(await hasUnwrittenClaim(invocation, secret));
  if (claim || command.protocol !== undefined || !isNobodys) return claimFor(key, claim);
  await sayUnclaimed(invocation, secret);
  return key;
};

/** Takes a claim away from a key that lives on, if need be without any. */
export const dropClaimOfLiving = async (invocation: Invocation, secret: SecretFacts, id: string): Promise<void> => {
  const isUnwritten = id === UNNAMED && (await hasUnwrittenClaim(invocation, secret));
  const { claims } = secret.held;
  if (isUnwritten || (claims.length > 0 && claims.every((claim) => claim.id === id)))
    await sayUnclaimed(invocation, secret);
  await dropClaim(invocation, secret, id);
};

/**
 * Takes a claim away where others were found beside it.
 * @returns those that are left. None, where all go at once: then the key says that it has none, so that whoever asks for its end gets it
 */
export const dropClaimBeside = async (
  invocation: Invocation,
  secret: SecretFacts,
  id: string,
): Promise<readonly ToldClaim[]> => {
  await dropClaim(invocation, secret, id);
  const now = await invocation.secrets.describe(secret.arn);
  const { clock, grants } = invocation;
  const left = standingClaims(now?.held ?? NO_CLAIMS, clock.now(), grants.mintTimeout).filter((one) => one.id !== id);
  if (left.length > 0 || !now || secret.held.claims.length === 0) return left;
  await sayUnclaimed(invocation, now);
  return left;
};
