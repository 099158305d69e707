import type { Grants } from "../../contracts/grants.ts";
import { isCompromised } from "../../contracts/labels.ts";
import type { Standing } from "../../evidence/refusal.ts";
import type { StoredKey } from "../../stored.ts";
import type { VendorKey } from "../../vendors/vendor.ts";
import { listedById, match, namedAs } from "./matching.ts";
import type { Version } from "./version.ts";

/** A key where it was found. */
export interface Live {
  readonly connection: string;
  readonly key: VendorKey;
}

/**
 * Where the key of a version is. live: listed as active at a connection. revoked: its vendor lists it, and not as active. unlisted: none of
 * the connections that may have it lists it, which proves nothing; `standing` is what its value showed, where it was asked about. empty:
 * the version holds no key. lost: no connection leads to its vendor any more. unknown: not all of them were listed in this pass, or the
 * value was not read.
 */
export type Whereabouts =
  | ({ readonly kind: "live"; readonly standing?: Standing | undefined } & Live)
  | ({ readonly kind: "revoked"; readonly standing: Standing | undefined } & Live)
  | ({ readonly kind: "unlisted"; readonly standing: Standing | undefined } & Live)
  | { readonly kind: "empty"; readonly why: "no value" | "not ours" }
  | { readonly kind: "lost"; readonly vendor: string }
  | { readonly kind: "unknown" };

/** The connections to a vendor. */
export const connectionsOf = (
  { connections }: Pick<Grants, "connections">,
  vendor: string | undefined,
): readonly string[] =>
  Object.entries(connections)
    .filter(([, connection]) => vendor === undefined || connection.vendor === vendor)
    .map(([name]) => name);

type Place = Pick<StoredKey, "vendor" | "connection">;

/** The connections at which a key may be: the one that minted it, or, where its value does not say, all to its vendor. */
export const placesOf = (grants: Pick<Grants, "connections">, { vendor, connection }: Place): readonly string[] => {
  const all = connectionsOf(grants, vendor);
  return connection !== undefined && all.includes(connection) ? [connection] : all;
};

/** A key that no listing shows, as its version tells of it. */
const unlistedKey = ({ keyId, name, issuedAtMs }: StoredKey): VendorKey => ({
  id: keyId,
  name: name ?? keyId,
  active: true,
  createdAtMs: issuedAtMs,
  lastUse: "not told",
});

/** Finds the key of a version. A declaration may name another connection than the one at which a generation was minted. */
export const whereabouts = ({ pass, key, versionId, labels }: Version): Whereabouts => {
  const { observation, grants } = pass;
  const { generation, connection } = match(observation, key, versionId);
  const standing = key.standings?.get(versionId);
  if (generation && connection !== undefined) return { kind: "live", standing, connection, key: generation };
  const stored = key.stored.get(versionId) ?? "not read";
  if (stored === "not read") return { kind: "unknown" };
  const [named] = stored === "no value" && isCompromised(labels) ? namedAs(observation, key, versionId) : [];
  // Nobody marks what never had a value: that AWS does not find it now says nothing of the key that its vendor lists under its name.
  if (named) return { kind: "unknown" };
  if (typeof stored === "string") return { kind: "empty", why: stored };
  const listed = listedById(observation, stored);
  if (listed) return { kind: "revoked", standing, ...listed };
  const places = placesOf(grants, stored);
  const { connection: declared } = key.declaration;
  const at = places.includes(declared) ? declared : places[0];
  if (at === undefined) return { kind: "lost", vendor: stored.vendor ?? "" };
  if (!places.every((name) => observation.vendors.has(name))) return { kind: "unknown" };
  return { kind: "unlisted", standing, connection: at, key: unlistedKey(stored) };
};

/** Whether a key works, as far as that is known: its vendor takes it, or lists it as active and was not asked. */
export const isKnownToWork = (where: Whereabouts): boolean => {
  if (where.kind !== "live" && where.kind !== "unlisted" && where.kind !== "revoked") return false;
  return where.standing === "works" || (where.kind === "live" && where.standing === undefined);
};
