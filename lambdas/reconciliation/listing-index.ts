import { ownedName } from "../contracts/key-name.ts";
import type { Listing, VendorKey } from "../vendors/vendor.ts";

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
