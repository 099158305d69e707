import type { Connection } from "../contracts/grants.ts";
import { generationOf, isGenerationOf } from "../contracts/key-name.ts";
import { marks } from "../contracts/labels.ts";
import type { SecretValue } from "../contracts/secret-value.ts";
import { trialsOf } from "../evidence/trial.ts";
import { reportedUntilMs } from "../evidence/use.ts";
import type { Invocation } from "../invocation.ts";
import type { Redacted } from "../redacted.ts";
import type { SecretFacts } from "../secrets.ts";
import { readGeneration } from "../stored.ts";
import type { VendorSession } from "../vendor-session.ts";
import type { Listing, VendorKey } from "../vendors/vendor.ts";
import { nextOwnToken } from "./generation.ts";
import { isOwn, type Ownership, type OwnKey } from "./removal.ts";

/** A key of a secret, with what it takes to revoke it. */
export interface FoundKey extends OwnKey {
  readonly connection: Connection;
  readonly vendor: VendorSession;
  /** Its value, where a labelled version holds it and can be read. */
  readonly value: Redacted | undefined;
}

/** Whose keys are looked for, and where first. */
export interface Search {
  readonly invocation: Invocation;
  readonly secret: SecretFacts;
  readonly serviceId: string;
  readonly names: ReadonlySet<string>;
  readonly connection: string;
  /** Whether keys that the first connection does not know are looked for at the service's others. */
  readonly everywhere: boolean;
}

interface Holdings {
  readonly ownership: Ownership;
  readonly stored: readonly SecretValue[];
  readonly labelled: ReadonlySet<string>;
  /** The labels of a key's version, by the key's id. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
}

/** What the versions say. The values of a secret that is marked for deletion cannot be read. */
const holdingsOf = async ({ invocation, secret, serviceId, names }: Search): Promise<Holdings> => {
  const stored = new Map<string, SecretValue>();
  const labelled = Object.keys(secret.stages);
  if (secret.deletedAtMs === undefined)
    for (const versionId of labelled) {
      const value = await readGeneration(invocation, secret, versionId);
      if (typeof value === "object") stored.set(versionId, value);
    }
  const all = new Set([...labelled, ...(await invocation.secrets.allVersionIds(secret.arn))]);
  const ownership = {
    serviceId,
    names,
    storedIds: new Set([...stored.values()].map(({ keyId }) => keyId)),
    generations: new Set([...all, nextOwnToken(secret.arn, all)].map(generationOf)),
    knownGenerations: new Set([...stored.keys()].map(generationOf)),
  };
  const labels = new Map([...stored].map(([versionId, { keyId }]) => [keyId, secret.stages[versionId] ?? []]));
  return { ownership, stored: [...stored.values()], labelled: new Set(labelled.map(generationOf)), labels };
};

/** Our own calls with a key that retires. */
const trialsWith = (key: VendorKey, { labels }: Holdings, { vendor }: Pick<FoundKey, "vendor">) => {
  const ofVersion = labels.get(key.id) ?? [];
  const [retiring] = marks("retiring", ofVersion);
  return retiring && trialsOf(ofVersion, retiring.atMs, key, vendor.vendor.isVerifyOpen);
};

const ownOf = (
  listing: Listing,
  holdings: Holdings,
  found: Pick<FoundKey, "connection" | "vendor" | "reported">,
): readonly FoundKey[] => {
  const { ownership, labelled, stored } = holdings;
  return listing.keys
    .filter((key) => isOwn(key, ownership))
    .map((key) => ({
      ...found,
      key,
      trials: trialsWith(key, holdings, found),
      value: stored.find(({ keyId }) => keyId === key.id)?.apiKey,
      held: ownership.storedIds.has(key.id) || isGenerationOf(key.name, ownership.serviceId, labelled),
    }));
};

/** The service's other connections that may have keys which the first one does not know: those to their vendors. */
const othersFor = ({ invocation, connection }: Search, unseen: readonly SecretValue[]): readonly Connection[] =>
  Object.entries(invocation.grants.connections)
    .filter(([name]) => name !== connection)
    .map(([, other]) => other)
    .filter((other) => unseen.some(({ vendor }) => vendor === undefined || vendor === other.vendor));

/** What a version holds that no listing shows: it may live all the same, so that it is asked for by its id. */
const unlisted = ({ invocation, connection }: Search, stored: SecretValue): readonly FoundKey[] => {
  const { connections } = invocation.grants;
  const at = connections[stored.connection ?? connection] ?? connections[connection];
  if (!at || at.vendor !== stored.vendor) return [];
  const key: VendorKey = { id: stored.keyId, name: stored.name, active: true, lastUse: "not told" };
  return [{ connection: at, vendor: invocation.vendors(at), key, held: true, value: stored.apiKey }];
};

/** The keys of a secret, as the listings and its versions show them. */
export interface OwnKeys {
  /** Those that are listed as active. */
  readonly active: readonly FoundKey[];
  /** Those that versions hold and no listing shows, neither as active nor as revoked. */
  readonly unlisted: readonly FoundKey[];
  /** Those that versions hold and a listing shows as revoked. */
  readonly revoked: readonly FoundKey[];
}

/**
 * The keys of a secret: at a connection, and, where its versions hold keys that are not known there, at others that the
 * managed key may have had before. Each call looks afresh.
 * @throws VendorError when one of them cannot be listed
 */
export const findOwnKeys = async (search: Search): Promise<OwnKeys> => {
  const { invocation } = search;
  const first = invocation.grants.connections[search.connection];
  if (!first) return { active: [], unlisted: [], revoked: [] };
  const holdings = await holdingsOf(search);
  const { stored } = holdings;
  const revoked: FoundKey[] = [];
  const seen = new Set<string>();
  const at = async (connection: Connection): Promise<readonly FoundKey[]> => {
    const vendor = invocation.vendors(connection);
    const listing = await vendor.list();
    for (const key of listing.keys) {
      seen.add(key.id);
      const held = stored.find(({ keyId }) => keyId === key.id);
      if (held && !key.active) revoked.push({ connection, vendor, key, held: true, value: held.apiKey });
    }
    // Where a check is answered with a refusal, no call of ours is sure to count: the list is taken as it is.
    const reported = vendor.vendor.isVerifyOpen ? { untilMs: reportedUntilMs(listing.keys) } : undefined;
    return ownOf(listing, holdings, { connection, vendor, ...(reported ? { reported } : {}) });
  };
  const active = [...(await at(first))];
  const isUnseen = ({ keyId }: SecretValue): boolean => !seen.has(keyId);
  const elsewhere = search.everywhere ? stored.filter(isUnseen) : [];
  for (const other of othersFor(search, elsewhere)) active.push(...(await at(other)));
  const lacking = search.everywhere ? stored.filter(isUnseen) : [];
  return { active, unlisted: lacking.flatMap((one) => unlisted(search, one)), revoked };
};
