import { generationOf, keyName } from "../contracts/key-name.ts";
import type { Stored } from "../stored.ts";
import type { VendorKey } from "../vendors/vendor.ts";
import type { Observation, ObservedKey } from "./observation.ts";

export interface Match {
  /** The active key that the version holds. */
  readonly generation: VendorKey | undefined;
  /** Active keys that have this generation's name and are not what the version holds. */
  readonly others: readonly VendorKey[];
}

/** The active keys that have the name of a version's generation. */
export const namedAs = (observation: Observation, key: ObservedKey, versionId: string): readonly VendorKey[] => {
  const name = keyName(key.declaration.name, observation.serviceId, generationOf(versionId));
  const listing = observation.vendors.get(key.declaration.connection)?.listing;
  return (listing?.keys ?? []).filter((listed) => listed.active && listed.name === name);
};

const byId = (observation: Observation, key: ObservedKey, keyId: string): VendorKey | undefined =>
  observation.vendors
    .get(key.declaration.connection)
    ?.listing.keys.find((listed) => listed.active && listed.id === keyId);

/**
 * Which of the vendor's active keys a version holds. Its value says so by key id where it was read; where it was not,
 * the name does. A key with the right name that the value does not know is not what the version holds.
 */
export const match = (observation: Observation, key: ObservedKey, versionId: string): Match => {
  const named = namedAs(observation, key, versionId);
  const stored: Stored = key.stored.get(versionId) ?? "not read";
  if (stored === "not read") return { generation: named[0], others: [] };
  if (typeof stored === "string") return { generation: undefined, others: named };
  const generation = byId(observation, key, stored.keyId);
  return { generation, others: named.filter((other) => other.id !== stored.keyId) };
};
