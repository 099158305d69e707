import type { Access, AccessKind } from "../contracts/access.ts";
import type { Redacted } from "../redacted.ts";
import type { Http } from "./http.ts";

/** Where a vendor is, and the way to it. */
export interface VendorAddress {
  readonly baseUrl: string;
  readonly organizationId?: string | undefined;
  readonly http: Http;
}

/** What a vendor's administrative methods need of the connection they are called for. */
export interface VendorConnection extends VendorAddress {
  readonly adminKey: Redacted;
}

/**
 * When a vendor last saw a call with a key, as its listing says it: a time in milliseconds; `never` (null); `not understood`, where
 * it says something that tells no time for sure; `not told`, where it has no such field.
 */
export type LastUse = number | "never" | "not understood" | "not told";

/**
 * What a harmless call with a key says about it. alive: the vendor answered it. limited: refused with 403 in the vendor's own form, so
 * that the key works and its rights are small. refused: 401, and the vendor's own form says that the key is no good. unclear: 401 or
 * 403 in another form, such as an edge's page, or a success that is none of the vendor's.
 */
export type Check = "alive" | "limited" | "refused" | "unclear";

/** A key as its vendor lists it. */
export interface VendorKey {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  /** The beginning of its value, where the vendor shows it. */
  readonly prefix?: string | undefined;
  /** The role or type, where the list says it. */
  readonly access?: string | undefined;
  readonly createdAtMs?: number | undefined;
  /** The end of the time that its form leaves open. */
  readonly lastUse: LastUse;
  /** How much of a time of last use its form leaves open, in milliseconds: a bare date a day. @default 0 */
  readonly lastUseSpanMs?: number | undefined;
  /** Something that cannot be read is told of its use besides, which may be a later one. */
  readonly mayBeUsedLater?: true | undefined;
  /** When the key ends by itself: a time in milliseconds, or `not understood`. Not there: never, or not told. */
  readonly expiresAtMs?: number | "not understood" | undefined;
}

export interface Listing {
  readonly keys: readonly VendorKey[];
  /** The vendor's own time when it answered, in milliseconds, by its `Date` header. */
  readonly vendorNowMs?: number | undefined;
}

export interface MintRequest {
  readonly name: string;
  readonly access: Access;
  /** The same for the same mint, for vendors that answer a repeated create with its first answer. */
  readonly idempotencyKey: string;
}

/** What a create answered. Only the value is sure to be there. */
export interface MintedKey {
  readonly value: Redacted;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly access?: string | undefined;
  readonly createdAtMs?: number | undefined;
}

/**
 * What a vendor answered to a revocation. accepted: a success. unclear: the request was refused in a way that proves neither that the
 * key is gone nor that it lives (it is not there, not known, or in another state). unsupported: the vendor has no such request.
 */
export type RevokeAnswer = "accepted" | "unclear" | "unsupported";

/**
 * A vendor of API keys. Stateless, never logs; every method may be repeated at any time and throws `VendorError` alone.
 * A vendor is one object literal in one file, and one line in `registry.ts`.
 */
export interface Vendor {
  readonly name: string;
  readonly defaultBaseUrl: string;
  /** How long a new key may need until it works, as the vendor documents it, in milliseconds. */
  readonly defaultPropagationMs: number;
  readonly needsOrganization: boolean;
  /** What the vendor asks of the admin key, for messages. */
  readonly adminKeyNeeds: string;
  readonly accessKind: AccessKind;
  /** The roles or types that can be minted, the least first. */
  readonly accessValues: readonly string[];
  /** The plans by name, each with the keys it allows at once by role or type; none given: no documented limit. */
  readonly plans: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** By plan: how many requests the vendor takes of one key a day, as far as that is documented. */
  readonly requestsPerDay: Readonly<Record<string, number>>;
  /** True where a repeated create with the same idempotency key answers like the first. */
  readonly replaysCreate: boolean;
  /** Whether every key may make the call that verifies it: then a key that has no right to it any more is not as it was. */
  readonly isVerifyOpen: boolean;
  create(connection: VendorConnection, request: MintRequest): Promise<MintedKey>;
  /** All keys of the connection's organization, revoked ones as far as the vendor still lists them. */
  list(connection: VendorConnection): Promise<Listing>;
  /** Asks with a key whether it works, at no cost in quota. @throws VendorError when the answer says nothing about the key */
  verify(address: VendorAddress, apiKey: Redacted): Promise<Check>;
  /** Asks for the revocation of a key. What became of it, its value and the listing tell. */
  revoke(connection: VendorConnection, keyId: string): Promise<RevokeAnswer>;
  /**
   * Gives a key another name; its value stays. Only where the vendor may be able to: its endpoint may be inferred, so that
   * a refusal means "not in place", and a success is looked at before it counts.
   */
  rename?(connection: VendorConnection, keyId: string, name: string): Promise<void>;
  /** Gives a key another role or type; its value stays. Graded as `rename`. */
  update?(connection: VendorConnection, keyId: string, access: Access): Promise<void>;
}
