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

/** When a vendor last saw a call with a key: a time in milliseconds, `never`, or `unknown` where it gives no evidence. */
export type LastUse = number | "never" | "unknown";

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
  readonly lastUse: LastUse;
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
  /** True where a repeated create with the same idempotency key answers like the first. */
  readonly replaysCreate: boolean;
  create(connection: VendorConnection, request: MintRequest): Promise<MintedKey>;
  /** All keys of the connection's organization, revoked ones as far as the vendor still lists them. */
  list(connection: VendorConnection): Promise<Listing>;
  /** Whether a key works, at no cost in quota. A key whose role is small is alive. */
  verify(address: VendorAddress, apiKey: Redacted): Promise<"alive" | "dead">;
  /** Revokes a key at once; one that is gone already is a success. */
  revoke(connection: VendorConnection, keyId: string): Promise<void>;
  /**
   * Gives a key another name; its value stays. Only where the vendor may be able to: its endpoint may be inferred, so that
   * a refusal means "not in place", and a success is looked at before it counts.
   */
  rename?(connection: VendorConnection, keyId: string, name: string): Promise<void>;
  /** Gives a key another role or type; its value stays. Graded as `rename`. */
  update?(connection: VendorConnection, keyId: string, access: Access): Promise<void>;
}
