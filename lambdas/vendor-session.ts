import type { Clock } from "./clock.ts";
import type { Access } from "./contracts/access.ts";
import type { Connection } from "./contracts/grants.ts";
import { adminKeyOf } from "./contracts/secret-value.ts";
import { KeyturnError } from "./errors.ts";
import type { Redacted } from "./redacted.ts";
import type { Secrets } from "./secrets.ts";
import { createHttp } from "./vendors/http.ts";
import { VENDORS } from "./vendors/registry.ts";
import type { Listing, MintedKey, MintRequest, Vendor, VendorConnection } from "./vendors/vendor.ts";
import { VendorError } from "./vendors/vendor-error.ts";

/** A vendor as one connection of the service sees it: with its address, its organization and its admin key. */
export interface VendorSession {
  readonly vendor: Vendor;
  list(): Promise<Listing>;
  create(request: MintRequest): Promise<MintedKey>;
  verify(apiKey: Redacted): Promise<"alive" | "dead">;
  revoke(keyId: string): Promise<void>;
  /** Only where the vendor may be able to change a key's name in place. */
  rename?(keyId: string, name: string): Promise<void>;
  /** Only where the vendor may be able to change a key's role or type in place. */
  update?(keyId: string, access: Access): Promise<void>;
  /** Whether a value is the admin key's own, which is nobody's to manage. */
  isAdminKey(apiKey: Redacted): Promise<boolean>;
}

/** Opens the vendor of a connection. */
export type Vendors = (connection: Connection) => VendorSession;

/** Admin keys by the name of their secret. Lives as long as the function's container, so that each is read once in it. */
export type AdminKeys = Map<string, Redacted>;

export interface VendorsOptions {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly remainingMs: () => number;
  readonly secrets: Secrets;
  readonly adminKeys: AdminKeys;
  /** As `createHttp` has it. */
  readonly chance: () => number;
}

const vendorNamed = (name: string): Vendor => {
  const vendor = VENDORS[name];
  if (vendor) return vendor;
  throw new KeyturnError("BAD_INPUT", `unknown vendor ${name}; known are ${Object.keys(VENDORS).join(", ")}`);
};

const readAdminKey = async (secrets: Secrets, adminSecret: string): Promise<Redacted> => {
  const text = await secrets.currentValue(adminSecret);
  if (text !== undefined) return adminKeyOf(text, adminSecret);
  throw new KeyturnError(
    "BAD_INPUT",
    `the admin secret ${adminSecret} does not exist or has no value; store {"apiKey": "<the vendor's admin key>"} in it`,
  );
};

const REFUSED_ADMIN = new Set(["UNAUTHORIZED", "FORBIDDEN"]);

const explained = (error: unknown, vendor: Vendor, adminSecret: string): unknown => {
  if (!(error instanceof VendorError && REFUSED_ADMIN.has(error.code))) return error;
  const needs = `the admin key in the secret ${adminSecret} does not have its rights: it needs ${vendor.adminKeyNeeds}`;
  return new VendorError(error.code, `${error.message}; ${needs}`, { cause: error });
};

/** Vendor sessions for one invocation. An admin key that the vendor refuses is read again once: it may have been replaced. */
export const openVendors =
  ({ fetch, clock, remainingMs, secrets, adminKeys, chance }: VendorsOptions): Vendors =>
  (connection) => {
    const vendor = vendorNamed(connection.vendor);
    const http = createHttp({ fetch, clock, remainingMs, chance });
    const { baseUrl, organizationId, adminSecret } = connection;

    const adminKey = async (): Promise<Redacted> => {
      const key = adminKeys.get(adminSecret) ?? (await readAdminKey(secrets, adminSecret));
      adminKeys.set(adminSecret, key);
      return key;
    };

    const asAdmin = async <Answer>(call: (connection: VendorConnection) => Promise<Answer>): Promise<Answer> => {
      const known = adminKeys.get(adminSecret);
      const withKey = (key: Redacted) => call({ baseUrl, organizationId, http, adminKey: key });
      try {
        return await withKey(await adminKey());
      } catch (error) {
        if (!(known && error instanceof VendorError && error.code === "UNAUTHORIZED"))
          throw explained(error, vendor, adminSecret);
      }
      adminKeys.delete(adminSecret);
      try {
        return await withKey(await adminKey());
      } catch (error) {
        throw explained(error, vendor, adminSecret);
      }
    };

    const { rename, update } = vendor;
    return {
      vendor,
      ...(rename && { rename: (keyId: string, name: string) => asAdmin((admin) => rename(admin, keyId, name)) }),
      ...(update && { update: (keyId: string, access: Access) => asAdmin((admin) => update(admin, keyId, access)) }),
      isAdminKey: async (apiKey) => (await adminKey()).equals(apiKey),
      list: () => asAdmin((admin) => vendor.list(admin)),
      create: (request) => asAdmin((admin) => vendor.create(admin, request)),
      revoke: (keyId) => asAdmin((admin) => vendor.revoke(admin, keyId)),
      verify: (apiKey) => vendor.verify({ baseUrl, organizationId, http }, apiKey),
    };
  };
