import { generationOf, ownedName } from "../../contracts/key-name.ts";
import type { Stored } from "../../stored.ts";
import type { Listing, VendorKey } from "../../vendors/vendor.ts";
import type { Observation, ObservedKey, ObservedVendor } from "./observation.ts";

export interface Match {
  /** The active key that the version holds. */
  readonly generation: VendorKey | undefined;
  /** The connection at which it was found. */
  readonly connection: string | undefined;
  /** Active keys that have this generation's name and are not what the version holds. */
  readonly others: readonly VendorKey[];
}

interface Placed {
  readonly connection: string;
  readonly key: VendorKey;
}

const namesOf = new WeakMap<readonly ObservedKey[], ReadonlyMap<string, ObservedKey>>();

const declaredAs = ({ keys }: Observation, name: string): ObservedKey | undefined => {
  const known = namesOf.get(keys) ?? new Map(keys.map((key) => [key.declaration.name, key]));
  namesOf.set(keys, known);
  return known.get(name);
};

/** Version ids are the caller's choice, so two secrets may have the same one: then the declared name tells whose it is. */
const isNamesakes = (observation: Observation, key: ObservedKey, versionId: string, listed: VendorKey): boolean => {
  const name = ownedName(listed.name)?.name ?? "";
  if (name === key.declaration.name) return false;
  const other = declaredAs(observation, name);
  return other !== undefined && other.secret.arn !== key.secret.arn && versionId in other.secret.stages;
};

/** The keys of a version's generation, the declared connection's first. The rest of the name may have changed since. */
const placed = (observation: Observation, key: ObservedKey, versionId: string): readonly Placed[] => {
  const generation = generationKey(observation.serviceId, generationOf(versionId));
  const isDeclared = (name: string) => Number(name === key.declaration.connection);
  return [...observation.vendors]
    .sort(([a], [b]) => isDeclared(b) - isDeclared(a))
    .flatMap(([connection, { listing }]) =>
      (indexOf(listing).byGeneration.get(generation) ?? [])
        .filter((listed) => !isNamesakes(observation, key, versionId, listed))
        .map((listed) => ({ connection, key: listed })),
    );
};

/** The active keys that have the service id and generation of a version in their names, wherever they were listed. */
export const namedAs = (observation: Observation, key: ObservedKey, versionId: string): readonly VendorKey[] =>
  placed(observation, key, versionId)
    .map((one) => one.key)
    .filter(({ active }) => active);

const isNamedAsDeclared = ({ declaration }: ObservedKey, listed: VendorKey): boolean => {
  const owned = ownedName(listed.name);
  return owned?.name === declaration.name && owned.addition === "";
};

/** True when any key of the generation is listed, revoked ones included, at its declared connection and as declared. */
export const isPlainlyNamed = (observation: Observation, key: ObservedKey, versionId: string): boolean => {
  const all = placed(observation, key, versionId);
  const active = all.filter((one) => one.key.active);
  return (
    all.length > 0 &&
    active.length <= 1 &&
    active.every(
      ({ connection, key: listed }) => connection === key.declaration.connection && isNamedAsDeclared(key, listed),
    )
  );
};

/** Whether a connection is to the vendor whose key a version holds. */
const isAt = ({ connection }: ObservedVendor, vendor: string | undefined): boolean =>
  vendor === undefined || connection.vendor === vendor;

/** A key by its id, active or not: at the connection that minted it, where that was listed, else at whatever one of its vendor was. */
export const listedById = (
  observation: Observation,
  stored: { readonly keyId: string; readonly vendor?: string; readonly connection?: string },
): Placed | undefined => {
  const own =
    stored.connection !== undefined && observation.vendors.has(stored.connection) ? stored.connection : undefined;
  const found = [...observation.vendors].flatMap(([connection, vendor]) => {
    if (own !== undefined && connection !== own) return [];
    const key = isAt(vendor, stored.vendor) ? indexOf(vendor.listing).byId.get(stored.keyId) : undefined;
    return key ? [{ connection, key }] : [];
  });
  return found.find(({ key }) => key.active) ?? found[0];
};

/**
 * Which of the vendors' active keys a version holds. Its value says so by key id where it was read; where it was not,
 * the generation in the name does. A key of the right generation that the value does not know is not what the version holds.
 */
export const match = (observation: Observation, key: ObservedKey, versionId: string): Match => {
  const named = placed(observation, key, versionId).filter((one) => one.key.active);
  const stored: Stored = key.stored.get(versionId) ?? "not read";
  if (stored === "not read") return { generation: named[0]?.key, connection: named[0]?.connection, others: [] };
  const held = typeof stored === "object" ? listedById(observation, stored) : undefined;
  const others = named.map((one) => one.key).filter(({ id }) => typeof stored !== "object" || id !== stored.keyId);
  return held?.key.active
    ? { generation: held.key, connection: held.connection, others }
    : { generation: undefined, connection: undefined, others };
};

/** A listing by what keys are looked for. */
export interface ListingIndex {
  readonly byId: ReadonlyMap<string, VendorKey>;
  /** By service id and generation, as a key's name tells them, whatever comes before. */
  readonly byGeneration: ReadonlyMap<string, readonly VendorKey[]>;
}

const indexes = new WeakMap<Listing, ListingIndex>();

export const generationKey = (serviceId: string, generation: string): string => `${serviceId}-${generation}`;

const indexed = (listing: Listing): ListingIndex => {
  const byGeneration = new Map<string, VendorKey[]>();
  for (const key of listing.keys) {
    const owned = ownedName(key.name);
    if (!owned) continue;
    const place = generationKey(owned.serviceId, owned.generation);
    const others = byGeneration.get(place);
    if (others) others.push(key);
    else byGeneration.set(place, [key]);
  }
  return { byId: new Map(listing.keys.map((key) => [key.id, key])), byGeneration };
};

/** Made once for each listing: a fleet's keys are looked up in it by the ten thousand. */
export const indexOf = (listing: Listing): ListingIndex => {
  const known = indexes.get(listing);
  if (known) return known;
  const made = indexed(listing);
  indexes.set(listing, made);
  return made;
};
