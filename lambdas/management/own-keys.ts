import type { Connection } from "../contracts/grants.ts";
import { generationOf, isGenerationOf } from "../contracts/key-name.ts";
import type { Invocation } from "../invocation.ts";
import type { SecretFacts } from "../secrets.ts";
import { readStored, type StoredKey } from "../stored.ts";
import type { VendorSession } from "../vendor-session.ts";
import type { Listing } from "../vendors/vendor.ts";
import { nextOwnToken } from "./generation.ts";
import { isOwn, type Ownership, type OwnKey } from "./removal.ts";

/** A key of a secret, with what it takes to revoke it. */
export interface FoundKey extends OwnKey {
  readonly connection: Connection;
  readonly vendor: VendorSession;
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
  readonly stored: readonly StoredKey[];
  readonly labelled: ReadonlySet<string>;
}

/** What the versions say. The values of a secret that is marked for deletion cannot be read. */
const holdingsOf = async ({ invocation, secret, serviceId, names }: Search): Promise<Holdings> => {
  const stored = new Map<string, StoredKey>();
  const labelled = Object.keys(secret.stages);
  if (secret.deletedAtMs === undefined)
    for (const versionId of labelled) {
      const value = await readStored(invocation, secret, versionId);
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
  return { ownership, stored: [...stored.values()], labelled: new Set(labelled.map(generationOf)) };
};

const ownOf = (listing: Listing, { ownership, labelled }: Holdings, found: Pick<FoundKey, "connection" | "vendor">) =>
  listing.keys
    .filter((key) => isOwn(key, ownership))
    .map((key) => ({
      ...found,
      key,
      held: ownership.storedIds.has(key.id) || isGenerationOf(key.name, ownership.serviceId, labelled),
    }));

/** The service's other connections that may have keys which the first one does not know: those to their vendors. */
const othersFor = ({ invocation, connection }: Search, unseen: readonly StoredKey[]): readonly Connection[] =>
  Object.entries(invocation.grants.connections)
    .filter(([name]) => name !== connection)
    .map(([, other]) => other)
    .filter((other) => unseen.some(({ vendor }) => vendor === undefined || vendor === other.vendor));

/**
 * All active keys of a secret: at a connection, and, where its versions hold keys that are not known there, at others that the
 * managed key may have had before. Each call looks afresh.
 * @throws VendorError when one of them cannot be listed
 */
export const findOwnKeys = async (search: Search): Promise<readonly FoundKey[]> => {
  const { invocation } = search;
  const first = invocation.grants.connections[search.connection];
  if (!first) return [];
  const holdings = await holdingsOf(search);
  const at = async (connection: Connection) => {
    const vendor = invocation.vendors(connection);
    const listing = await vendor.list();
    return { ids: new Set(listing.keys.map((key) => key.id)), own: ownOf(listing, holdings, { connection, vendor }) };
  };
  const { ids, own } = await at(first);
  const unseen = search.everywhere ? holdings.stored.filter(({ keyId }) => !ids.has(keyId)) : [];
  const found = [...own];
  for (const other of othersFor(search, unseen)) found.push(...(await at(other)).own);
  return found;
};
