import type { Connection } from "../contracts/grants.ts";
import type { StoredKey } from "../stored.ts";
import type { VendorSession } from "../vendor-session.ts";
import type { Listing, VendorKey } from "../vendors/vendor.ts";

/*
 * What a listing proves. What it shows, is. What it lacks proves nothing: a listing that lacks a key of ours which still works is not
 * whole, and one that lacks all of them may be another organization's.
 */

/** A key of ours, looked up in a listing. */
export interface LookedUp {
  readonly keyId: string;
  readonly issuedAtMs?: number | undefined;
  /** How the listing shows it. */
  readonly listed: "active" | "revoked" | "absent";
  /** Whether its value works; only asked of a current key that is absent. */
  readonly works?: boolean;
  /** Whether that could not be told. */
  readonly isUnclear?: boolean;
}

/**
 * whole: it shows keys of ours, and lacks none that is known to work. not whole: no absence in it counts. wrong organization: it
 * shows none of ours, and one that it lacks works; while that cannot be told, it is not whole. unchecked: there is no key of ours to be
 * looked up.
 */
export type Wholeness =
  /** `unclear`: keys that it does not show as active, and of which it could not be told whether they work. */
  | { readonly kind: "whole"; readonly unclear: readonly string[] }
  | { readonly kind: "unchecked" }
  | { readonly kind: "not whole" | "wrong organization"; readonly missing: readonly string[] };

/**
 * Judges a listing by the keys of ours that are at hand.
 * @param adminSince when the admin secret got its value: a key that was minted since was minted with that admin key, so that a listing
 * that lacks it is of the right organization
 */
export const judgeListing = (keys: readonly LookedUp[], adminSince: number | undefined): Wholeness => {
  const isListed = keys.some(({ listed }) => listed === "active");
  const lacked = keys.filter(({ listed, works }) => listed === "absent" && works === true);
  const missing = lacked.map(({ keyId }) => keyId);
  if (lacked.length === 0) {
    const unclear = keys.filter(({ listed, isUnclear }) => listed !== "active" && isUnclear === true);
    if (isListed) return { kind: "whole", unclear: unclear.map(({ keyId }) => keyId) };
    const absent = unclear.filter(({ listed }) => listed === "absent").map(({ keyId }) => keyId);
    return absent.length > 0 ? { kind: "not whole", missing: absent } : { kind: "unchecked" };
  }
  const isOfAdmin = ({ issuedAtMs }: LookedUp): boolean =>
    adminSince !== undefined && issuedAtMs !== undefined && adminSince <= issuedAtMs;
  return { kind: isListed || lacked.some(isOfAdmin) ? "not whole" : "wrong organization", missing };
};

/** Judges the listing of a session. Where the admin key may be the wrong one, it is read again before it is used again. */
export const judgeFor = async (
  session: Pick<VendorSession, "adminSinceMs" | "forgetAdminKey">,
  keys: readonly LookedUp[],
): Promise<Wholeness> => {
  const lacks = keys.some(({ listed, works }) => listed === "absent" && works);
  const judged = judgeListing(keys, lacks ? await session.adminSinceMs() : undefined);
  if ("missing" in judged) session.forgetAdminKey();
  return judged;
};

export const listedAs = (listed: Pick<VendorKey, "active"> | undefined): LookedUp["listed"] => {
  if (!listed) return "absent";
  return listed.active ? "active" : "revoked";
};

/** The connection that minted a key, by its value; one that is declared no more, such as by its older name, tells as little as none. */
export const mintedAt = (
  { connection }: Pick<StoredKey, "connection">,
  connections: Readonly<Record<string, unknown>>,
): string | undefined => (connection !== undefined && connection in connections ? connection : undefined);

/** Whether a key was minted at a connection, as far as its value says; one of which that is not known may have been. */
export const isMintedAt = (
  stored: Pick<StoredKey, "vendor" | "connection" | "organizationId">,
  name: string,
  connections: Readonly<Record<string, Pick<Connection, "vendor" | "organizationId">>>,
): boolean => {
  const { vendor, organizationId } = connections[name] ?? {};
  return (
    (stored.vendor ?? vendor) === vendor &&
    (mintedAt(stored, connections) ?? name) === name &&
    (stored.organizationId ?? organizationId) === organizationId
  );
};

/** The active keys of a listing with the id. */
export const activeIn = ({ keys }: Listing, keyId: string): boolean =>
  keys.some((key) => key.id === keyId && key.active);
