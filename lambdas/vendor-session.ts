import type { Clock } from "./clock.ts";
import type { Access } from "./contracts/access.ts";
import type { Connection } from "./contracts/grants.ts";
import { adminKeyOf, flawOf } from "./contracts/secret-value.ts";
import { KeyturnError } from "./errors.ts";
import type { Redacted } from "./redacted.ts";
import type { Secrets } from "./secrets.ts";
import { createHttp } from "./vendors/http.ts";
import { plausible } from "./vendors/plausible.ts";
import { reservedUntilMs } from "./vendors/rate-limit.ts";
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
  /** When the admin secret got its present value; `undefined` where AWS does not tell, or an older value was put back. */
  adminSinceMs(): Promise<number | undefined>;
  /** Whether the vendor's last answer said that of its limit only what is for the urgent is left. */
  isShort(): boolean;
  /** Has the admin key read again when it is needed next, as it seems to be the wrong one. */
  forgetAdminKey(): void;
}

/** How a session may ask its vendor. */
export interface SessionLimits {
  /** How long it may be waited for, in milliseconds. @default as long as the function may run */
  readonly remainingMs?: () => number;
  /** How often what may be repeated is asked at most. @default 4 */
  readonly maxTries?: number;
  /** How often a limit is met at most. @default as often as there is time to wait for it */
  readonly maxLimited?: number;
  /** Told of each request before it is made. */
  readonly onRequest?: () => void;
  /** Whether what the vendor's limit has left for the urgent is left alone. @default false */
  readonly sparesReserve?: boolean;
}

/** Opens the vendor of a connection. */
export type Vendors = (connection: Connection, limits?: SessionLimits) => VendorSession;

/** Admin keys by the name of their secret. Lives as long as the function's container, so that they are not read for each call. */
export type AdminKeys = Map<string, ReadAdminKey>;

/** By the name of the admin secret: until when only what is urgent is asked, in milliseconds since the epoch. Lives as long. */
export type Reserves = Map<string, number>;

interface AdminKey {
  readonly value: Redacted;
  readonly sinceMs: number | undefined;
}

interface ReadAdminKey extends AdminKey {
  readonly readAtMs: number;
}

/** A replaced admin key may go on working, so that no answer says that there is another. */
const ADMIN_KEY_AGE_MS = 15 * 60_000;

export interface VendorsOptions {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly remainingMs: () => number;
  readonly secrets: Secrets;
  readonly adminKeys: AdminKeys;
  readonly reserves: Reserves;
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
  if (found !== undefined) {
    const value = adminKeyOf(found.text, adminSecret);
    const flaw = flawOf(value.reveal());
    if (flaw !== undefined)
      throw new KeyturnError("BAD_INPUT", `the apiKey of the admin secret ${adminSecret} ${flaw}`);
    return { value, sinceMs: found.createdAtMs };
  }
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

/**
 * Vendor sessions for one invocation. An admin key may have been replaced: it is read again every quarter of an hour, and once when the
 * vendor refuses it, or what is asked with it.
 */
export const openVendors =
  (options: VendorsOptions): Vendors =>
  (connection, limits = {}) => {
    const { clock, secrets, adminKeys, reserves } = options;
    const vendor = vendorNamed(connection.vendor);
    const asking = { ...options, ...limits };
    const http = createHttp(asking);
    const adminHttp = createHttp({
      ...asking,
      onAnswer: (headers) => void reserves.set(adminSecret, reservedUntilMs(headers, clock.now())),
    });
    const { baseUrl, organizationId, adminSecret } = connection;

    const known = (): AdminKey | undefined => {
      const read = adminKeys.get(adminSecret);
      return read && clock.now() - read.readAtMs < ADMIN_KEY_AGE_MS ? read : undefined;
    };

    const adminKey = async (): Promise<AdminKey> => {
      const held = known();
      if (held) return held;
      const read = { ...(await readAdminKey(secrets, adminSecret)), readAtMs: clock.now() };
      adminKeys.set(adminSecret, read);
      return read;
    };

    const reservedMs = (): number => Math.max(0, (reserves.get(adminSecret) ?? 0) - clock.now());

    /** @throws VendorError RATE_LIMITED, without asking */
    const checkReserve = (): void => {
      if (!limits.sparesReserve || reservedMs() === 0) return;
      throw new VendorError(
        "RATE_LIMITED",
        `${vendor.name} was not asked: what its limit has left is kept for what is urgent for another ${Math.ceil(reservedMs() / 1_000)} s`,
        { retryAfterMs: reservedMs() },
      );
    };

    /** @param repeat whether what is refused is asked once more with another admin key, which may be of another organization: a create is not */
    const asAdmin = async <Answer>(
      call: (connection: VendorConnection) => Promise<Answer>,
      repeat: "once" | "again" = "again",
    ): Promise<Answer> => {
      const isKnown = known() !== undefined;
      const withKey = ({ value }: AdminKey) => call({ baseUrl, organizationId, http: adminHttp, adminKey: value });
      try {
        return await withKey(await adminKey());
      } catch (error) {
        if (!(isKnown && error instanceof VendorError && REFUSED_ADMIN.has(error.code)))
          throw explained(error, vendor, adminSecret);
        adminKeys.delete(adminSecret);
        if (repeat === "once") throw explained(error, vendor, adminSecret);
      }
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
      adminSinceMs: async () => {
        const { sinceMs } = await adminKey();
        const previousMs = await secrets.previousCreatedAtMs(adminSecret);
        return sinceMs === undefined || (previousMs ?? 0) > sinceMs ? undefined : sinceMs;
      },
      forgetAdminKey: () => void adminKeys.delete(adminSecret),
      isShort: () => reservedMs() > 0,
      list: async () => {
        checkReserve();
        return plausible(await asAdmin((admin) => vendor.list(admin)), connection, clock.now());
      },
      create: (request) => asAdmin((admin) => vendor.create(admin, request), "once"),
      revoke: (keyId) => asAdmin((admin) => vendor.revoke(admin, keyId)),
      verify: (apiKey) => vendor.verify({ baseUrl, organizationId, http }, apiKey),
      verifyAdmin: async () => {
        const isKnown = known() !== undefined;
        const verified = async () => vendor.verify({ baseUrl, organizationId, http }, (await adminKey()).value);
        const check = await verified();
        if (works(check) || !isKnown) return check;
        adminKeys.delete(adminSecret);
        return verified();
      },
    };
  };
