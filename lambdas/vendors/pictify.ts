import { Redacted } from "../redacted.ts";
import {
  collectPages,
  type Fields,
  fieldsOf,
  itemsOf,
  lastUse,
  optionalText,
  optionalTimeMs,
  type Page,
  text,
} from "./answer.ts";
import type { Listing, Vendor, VendorConnection, VendorKey } from "./vendor.ts";
import { VendorError, type VendorErrorCode } from "./vendor-error.ts";
import { verdictOf } from "./verify.ts";

/*
 * Pictify, after its documentation (docs.pictify.io, 2026). S: in the seeds. P: in further pages. I: inferred.
 * S: base URL, bearer token, list, create, types, key limits by plan, 30 s until a new key works.
 * P: problem details, Idempotency-Key, pages, camelCase fields.
 * I: the list's envelope, the name of the value's field, and the requests that rename, revoke and delete a key. Its dashboard
 *    renames (S); nothing says that a key's type can be changed, so that another type takes another key.
 */
const KEYS = "/api-keys";
const ENVELOPES = ["apiKeys", "api_keys", "keys", "data"];
const VALUE = ["key", "secret", "apiKey", "api_key", "value"];
const ID = ["id", "keyId", "key_id"];

const bearer = (apiKey: Redacted): Redacted => new Redacted(`Bearer ${apiKey.reveal()}`);

const admin = (connection: VendorConnection) => ({ Authorization: bearer(connection.adminKey) });

const isActive = (item: Fields): boolean =>
  optionalText(item, ["status"])?.toLowerCase() !== "revoked" &&
  item.active !== false &&
  item.isActive !== false &&
  (item.revokedAt ?? item.revoked_at ?? null) === null;

const keyOf = (item: Fields): VendorKey => ({
  id: text(item, ID, "a listed Pictify key"),
  name: text(item, ["name"], "a listed Pictify key"),
  active: isActive(item),
  access: optionalText(item, ["type"])?.toLowerCase(),
  createdAtMs: optionalTimeMs(item, ["createdAt", "created_at", "created"]),
  lastUse: lastUse(item, ["lastUsedAt", "last_used_at", "lastUsed", "last_used"]),
});

const hasMore = (body: unknown): boolean | undefined => {
  const pagination = (body as Fields | undefined)?.pagination as Fields | undefined;
  return typeof pagination?.hasNext === "boolean" ? pagination.hasNext : undefined;
};

/** The query of a page; the first one is asked for plainly, since nothing of pages is in the seeds. */
const pageOf = async (connection: VendorConnection, query = ""): Promise<Page> => {
  const { body, vendorNowMs } = await connection.http.send({
    method: "GET",
    url: `${connection.baseUrl}${KEYS}${query}`,
    headers: admin(connection),
    repeatable: true,
  });
  const keys = itemsOf(body, ENVELOPES, "Pictify's list of keys").map(keyOf);
  return { keys, vendorNowMs, hasMore: hasMore(body) };
};

/** I: the most keys that a page may have. A vendor that gives fewer is asked for as many as it gives. */
const LARGEST_PAGE = 100;

/**
 * The page to begin with: where more follow, the first one again and larger, which spares four of five requests. The plain one
 * where that brings no more.
 */
const firstPage = async (connection: VendorConnection): Promise<Page> => {
  const plain = await pageOf(connection);
  if (plain.hasMore !== true || plain.keys.length >= LARGEST_PAGE) return plain;
  try {
    const larger = await pageOf(connection, `?page=1&limit=${LARGEST_PAGE}`);
    return larger.keys.length > plain.keys.length ? larger : plain;
  } catch (error) {
    if (error instanceof VendorError && error.code === "INVALID") return plain;
    throw error;
  }
};

const listAll = async (connection: VendorConnection): Promise<Listing> => {
  const first = await firstPage(connection);
  const limit = first.keys.length;
  return collectPages(async (_, pages) =>
    pages === 0 ? first : pageOf(connection, `?page=${pages + 1}&limit=${limit}`),
  );
};

/** I: the two requests that may end a key, in the order in which they are tried. */
const endingsOf = (connection: VendorConnection, keyId: string) => {
  const url = `${connection.baseUrl}${KEYS}/${encodeURIComponent(keyId)}`;
  return [
    { method: "POST", url: `${url}/revoke` },
    { method: "DELETE", url },
  ] as const;
};

const NOT_THERE: ReadonlySet<VendorErrorCode> = new Set(["NOT_FOUND", "UNSUPPORTED", "CONFLICT"]);

const isListedActive = async (connection: VendorConnection, keyId: string): Promise<boolean> =>
  (await pictify.list(connection)).keys.some((key) => key.id === keyId && key.active);

export const pictify: Vendor = {
  name: "pictify",
  defaultBaseUrl: "https://api.pictify.io",
  defaultPropagationMs: 30_000,
  needsOrganization: false,
  adminKeyNeeds: "to be an admin-level key with key management permissions",
  accessKind: "type",
  accessValues: ["test", "live"],
  plans: {
    free: { live: 2, test: 5 },
    pro: { live: 10, test: 10 },
    business: { live: 50, test: 50 },
    enterprise: {},
  },
  replaysCreate: true,

  async create(connection, { name, access, idempotencyKey }) {
    const { body } = await connection.http.send({
      method: "POST",
      url: `${connection.baseUrl}${KEYS}`,
      headers: {
        ...admin(connection),
        "Content-Type": "application/json",
        "Idempotency-Key": idempotencyKey,
      },
      body: { name, type: access.value },
      repeatable: false,
    });
    const answer = fieldsOf(body, "Pictify's answer to create");
    const nested = [answer.apiKey, answer.api_key, answer.key, answer.data].find((value) => typeof value === "object");
    const fields = { ...answer, ...(nested as Fields | undefined) };
    return {
      value: new Redacted(text(fields, VALUE, "Pictify's answer to create")),
      id: optionalText(fields, ID),
      name: optionalText(fields, ["name"]),
      access: optionalText(fields, ["type"])?.toLowerCase(),
      createdAtMs: optionalTimeMs(fields, ["createdAt", "created_at", "created"]),
    };
  },

  list: listAll,

  /** Lists keys with the key itself: that renders nothing, so it costs no quota. */
  verify: (connection, apiKey) =>
    verdictOf(
      connection.http.send({
        method: "GET",
        url: `${connection.baseUrl}${KEYS}`,
        headers: { Authorization: bearer(apiKey) },
        repeatable: true,
      }),
    ),

  async revoke(connection, keyId) {
    for (const ending of endingsOf(connection, keyId)) {
      try {
        await connection.http.send({ ...ending, headers: admin(connection), repeatable: true });
        return;
      } catch (error) {
        if (!(error instanceof VendorError && NOT_THERE.has(error.code))) throw error;
        if (!(await isListedActive(connection, keyId))) return;
      }
    }
    throw new VendorError("UNSUPPORTED", `Pictify has no request that revokes ${keyId}; revoke it by hand`);
  },

  /** I. What the answer says is not read: the list is looked at. */
  async rename(connection, keyId, name) {
    await connection.http.send({
      method: "PATCH",
      url: `${connection.baseUrl}${KEYS}/${encodeURIComponent(keyId)}`,
      headers: { ...admin(connection), "Content-Type": "application/json" },
      body: { name },
      repeatable: true,
    });
  },
};
