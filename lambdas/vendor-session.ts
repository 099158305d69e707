import type { Clock } from "./clock.ts";
import type { Access } from "./contracts/access.ts";
import type { Connection } from "./contracts/grants.ts";
import { adminKeyOf } from "./contracts/secret-value.ts";
import { KeyturnError } from "./errors.ts";
import type { Redacted } from "./redacted.ts";
import type { Secrets } from "./secrets.ts";
import { createHttp } from "./vendors/http.ts";
import { plausible } from "./vendors/plausible.ts";
import { VENDORS } from "./vendors/registry.ts";
import type {
  Check,
  Listing,
  MintedKey,
  MintRequest,
  RevokeAnswer,
  Vendor,
  VendorConnection,
} from "./vendors/vendor.ts";
import { VendorError } from "./vendors/vendor-error.ts";
import { works } from "./vendors/verify.ts";

/** A vendor as one connection of the service sees it: with its address, its organization and its admin key. */
export interface VendorSession {
  readonly vendor: Vendor;
  /** All keys of the organization, without what cannot be true of their use. */
  list(): Promise<Listing>;
  create(request: MintRequest): Promise<MintedKey>;
  verify(apiKey: Redacted): Promise<Check>;
  /** The same call with the admin key. */
  verifyAdmin(): Promise<Check>;
  revoke(keyId: string): Promise<RevokeAnswer>;
  /** Only where the vendor may be able to change a key's name in place. */
  rename?(keyId: string, name: string): Promise<void>;
  /** Only where the vendor may be able to change a key's role or type in place. */
  update?(keyId: string, access: Access): Promise<void>;
  /** Whether a value is the admin key's own, which is nobody's to manage. */
  isAdminKey(apiKey: Redacted): Promise<boolean>;
  /** When the admin secret got its present value; `undefined` where AWS does not tell. */
  adminSinceMs(): Promise<number | undefined>;
}

/** Opens the vendor of a connection. */
export type Vendors = (connection: Connection) => VendorSession;

/** Admin keys by the name of their secret. Lives as long as the function's container, so that each is read once in it. */
export type AdminKeys = Map<string, AdminKey>;

interface AdminKey {
  readonly value: Redacted;
  readonly sinceMs: number | undefined;
}

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

const readAdminKey = async (secrets: Secrets, adminSecret: string): Promise<AdminKey> => {
  const found = await secrets.currentValue(adminSecret);
  if (found !== undefined) return { value: adminKeyOf(found.text, adminSecret), sinceMs: found.createdAtMs };
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

    const adminKey = async (): Promise<AdminKey> => {
      const key = adminKeys.get(adminSecret) ?? (await readAdminKey(secrets, adminSecret));
      adminKeys.set(adminSecret, key);
      return key;
    };

    const asAdmin = async <Answer>(call: (connection: VendorConnection) => Promise<Answer>): Promise<Answer> => {
      const known = adminKeys.get(adminSecret);
      const withKey = ({ value }: AdminKey) => call({ baseUrl, organizationId, http, adminKey: value });
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
      isAdminKey: async (apiKey) => (await adminKey()).value.equals(apiKey),
      adminSinceMs: async () => (await adminKey()).sinceMs,
      list: async () => plausible(await asAdmin((admin) => vendor.list(admin)), connection, clock.now()),
      create: (request) => asAdmin((admin) => vendor.create(admin, request)),
      revoke: (keyId) => asAdmin((admin) => vendor.revoke(admin, keyId)),
      verify: (apiKey) => vendor.verify({ baseUrl, organizationId, http }, apiKey),
      verifyAdmin: async () => {
        const isKnown = adminKeys.has(adminSecret);
        const verified = async () => vendor.verify({ baseUrl, organizationId, http }, (await adminKey()).value);
        const check = await verified();
        if (works(check) || !isKnown) return check;
        adminKeys.delete(adminSecret);
        return verified();
      },
    };
  };
