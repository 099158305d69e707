import { timeText } from "../clock.ts";
import { declarationOf } from "../contracts/declaration.ts";
import { generationOf, isGenerationOf } from "../contracts/key-name.ts";
import { CURRENT, isCompromised, versionWith } from "../contracts/labels.ts";
import { METRICS } from "../contracts/metrics.ts";
import type { SecretValue } from "../contracts/secret-value.ts";
import { KeyturnError } from "../errors.ts";
import { isMintedAt, judgeFor, type LookedUp, listedAs, type Wholeness } from "../evidence/listing.ts";
import { controlBy, type Standing, standingOf } from "../evidence/refusal.ts";
import { isReplica, type SecretFacts } from "../secrets.ts";
import { checkHome, readHeld } from "../stored.ts";
import type { Listing, VendorKey } from "../vendors/vendor.ts";
import { isElsewhere } from "./elsewhere.ts";
import type { ManagedKey, Rotation } from "./rotation.ts";

/* Whether a listing may be minted by: it must be of the right organization, and lack no key of ours that works. */

/** How many other keys of the connection are looked up where a secret has none of its own that works. */
const MOST_OTHERS = 5;

interface Located {
  readonly secret: SecretFacts;
  readonly versionId: string;
}

/** A key of ours with the value by which it can be asked. */
type Known = LookedUp & { readonly standing?: Standing };

const named = ({ serviceId }: ManagedKey, { keys }: Listing, versionId: string): VendorKey | undefined => {
  const generation = new Set([generationOf(versionId)]);
  const all = keys.filter(({ name }) => isGenerationOf(name, serviceId, generation));
  return all.find(({ active }) => active) ?? all[0];
};

const readValue = async (key: ManagedKey, secret: SecretFacts, versionId: string): Promise<SecretValue | undefined> => {
  try {
    const found = await readHeld(key.invocation, secret, versionId);
    if (typeof found === "string") return undefined;
    checkHome(secret, versionId, found);
    return found;
  } catch (error) {
    if (secret.arn === key.secret.arn) throw error;
    // Another secret's, such as one whose KMS key is disabled: it says nothing of the listing, and holds up nobody.
    key.invocation.log.failure("value.not-read", error, { secretName: secret.name, versionId });
    return undefined;
  }
};

/** Looks a current version up, by its name where that is listed, else by its value. `undefined`: it is no key of this connection. */
const lookUp = async (
  key: ManagedKey,
  listing: Listing,
  { secret, versionId }: Located,
): Promise<Known | undefined> => {
  const byName = named(key, listing, versionId);
  if (byName?.active) return { keyId: byName.id, listed: "active" };
  const stored = await readValue(key, secret, versionId);
  if (!stored || !isMintedAt(stored, key.declaration.connection, key.invocation.grants.connections)) return undefined;
  const listed = listedAs(listing.keys.find(({ id }) => id === stored.keyId));
  const { keyId, issuedAtMs } = stored;
  if (listed !== "absent") return { keyId, issuedAtMs, listed };
  if (await isElsewhere(key, stored)) return undefined;
  const standing = await standingOf(key.vendor, stored.apiKey, controlBy(key.vendor));
  return { keyId, issuedAtMs, listed, standing, works: standing === "works", isUnclear: standing === "cannot tell" };
};

/** What a new generation is to take the place of. */
export interface Replaced {
  /** Whether there is a current generation that works, as far as that is known, so that the new one may wait. */
  readonly works: boolean;
  readonly current?: Known | undefined;
}

/** Looks at the current generation that a new one is to replace. */
export const whatItReplaces = async (key: ManagedKey, listing: Listing): Promise<Replaced> => {
  const { secret } = key;
  const versionId = versionWith(secret.stages, CURRENT);
  if (versionId === undefined) return { works: false };
  const current = await lookUp(key, listing, { secret, versionId });
  const isDead = current?.listed === "revoked" || current?.standing === "refused";
  return { works: current !== undefined && !isDead && !isCompromised(secret.stages[versionId] ?? []), current };
};

/** The current version of another secret of the same connection, if it is one. */
const otherCurrent = (key: ManagedKey, secret: SecretFacts): readonly Located[] => {
  const versionId = versionWith(secret.stages, CURRENT);
  const isOther = secret.arn !== key.secret.arn && secret.deletedAtMs === undefined && !isReplica(secret);
  if (versionId === undefined || !isOther) return [];
  try {
    const { connection } = declarationOf(secret.tags, secret.name);
    return connection === key.declaration.connection ? [{ secret, versionId }] : [];
  } catch {
    return []; // tags that cannot be read are reported by reconcile
  }
};

const othersOf = async (key: ManagedKey): Promise<readonly Located[]> => {
  const { grants, secrets } = key.invocation;
  const currentsOf = (all: readonly SecretFacts[]) => all.flatMap((secret) => otherCurrent(key, secret));
  return currentsOf(await secrets.listOfService(grants.service, (all) => currentsOf(all).length >= MOST_OTHERS));
};

/** The current keys of other secrets of the connection, as far as it takes to judge the listing by them. */
const lookUpOthers = async (key: ManagedKey, listing: Listing): Promise<readonly Known[]> => {
  const others = await othersOf(key);
  const listed = others.find(({ versionId }) => named(key, listing, versionId)?.active);
  if (listed) return [{ keyId: named(key, listing, listed.versionId)?.id ?? "", listed: "active" }];
  const found: Known[] = [];
  for (const other of others.slice(0, MOST_OTHERS)) {
    const known = await lookUp(key, listing, other);
    if (known) found.push(known);
  }
  return found;
};

/**
 * Judges a listing by the keys at hand: the current one and the labelled ones of the secret itself, and where none of them works, some of the
 * connection's others.
 */
export const wholenessOf = async (key: ManagedKey, listing: Listing, { current }: Replaced): Promise<Wholeness> => {
  const { secret, vendor } = key;
  const own: Known[] = Object.keys(secret.stages).flatMap((versionId) => {
    const listed = named(key, listing, versionId);
    return listed?.active ? [{ keyId: listed.id, listed: "active" as const }] : [];
  });
  const known = [...(current ? [current] : []), ...own];
  const hasOne = known.some(({ listed, works }) => listed === "active" || works);
  const all = hasOne ? known : [...known, ...(await lookUpOthers(key, listing))];
  return judgeFor(vendor, all);
};

export const wrongOrganization = (
  { vendor, connection, declaration }: ManagedKey,
  missing: readonly string[],
): KeyturnError =>
  new KeyturnError(
    "WRONG_ORGANIZATION",
    `${vendor.vendor.name} lists none of the keys of the connection ${declaration.connection}, although ${missing.join(", ")} works: the admin key in ${connection.adminSecret} is of another organization, so nothing was done. Put the right one back; for a move that is meant, docs/run-book.md has the command`,
  );

/** Since when a rotation waits: for its version, or for its schedule. */
const waitsSinceMs = async ({ invocation, secret, token }: Rotation): Promise<number> => {
  const madeMs = (await invocation.secrets.versionTimes(secret.arn)).get(token);
  const times = [madeMs, secret.nextRotationAtMs].filter((ms) => ms !== undefined);
  return Math.min(invocation.clock.now(), ...times);
};

/**
 * Lets a generation be minted by a listing, unless it is another organization's. One that is not whole is waited for, half as long as a
 * rotation may be stuck; but not by what makes a first generation, or replaces one that is dead or compromised.
 * @throws KeyturnError WRONG_ORGANIZATION; LISTING_NOT_WHOLE (retryable)
 */
export const checkListing = async (rotation: Rotation, listing: Listing, replaced: Replaced): Promise<void> => {
  const { invocation, vendor, keyName, acceptsOrganization } = rotation;
  const judged = await wholenessOf(rotation, listing, replaced);
  if (judged.kind === "wrong organization" && !acceptsOrganization) {
    invocation.log.metric(METRICS.wrongOrganization, 1);
    throw wrongOrganization(rotation, judged.missing);
  }
  if (judged.kind === "unchecked") return invocation.log.event("listing.unchecked", { keyName });
  if (judged.kind !== "not whole") return;
  const untilMs = (await waitsSinceMs(rotation)) + invocation.grants.stuckAge / 2;
  const facts = { keyName, missing: judged.missing };
  if (!replaced.works || invocation.clock.now() >= untilMs)
    return invocation.log.event("mint.without-whole-listing", facts);
  throw new KeyturnError(
    "LISTING_NOT_WHOLE",
    `${vendor.vendor.name} does not list ${judged.missing.join(", ")}, which works, so its list is not whole and ${keyName} was not minted by it; until ${timeText(untilMs)} each try looks again, then it is minted all the same`,
    { retryable: true },
  );
};
