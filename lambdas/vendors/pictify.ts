import { Redacted } from "../redacted.ts";
import {
  collectPages,
  expiryOf,
  type Fields,
  fieldsOf,
  furtherOf,
  idOf,
  isActive,
  itemsOf,
  lastUseOf,
  optionalId,
  optionalText,
  optionalTimeMs,
  type Page,
  pageUnlessRefused,
  prefixOf,
  revokeAnswer,
  text,
} from "./answer.ts";
import type { Listing, Vendor, VendorConnection, VendorKey } from "./vendor.ts";
import { checkWith } from "./verify.ts";

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

const bearer = (apiKey: Redacted): Redacted => new Redacted(`Bearer ${apiKey.reveal()}`);

const isNested = (value: unknown): value is Fields => typeof value === "object" && value !== null;

const admin = (connection: VendorConnection) => ({ Authorization: bearer(connection.adminKey) });

const keyOf = (item: Fields): VendorKey => ({
  id: idOf(item, "a listed Pictify key"),
  name: text(item, ["name"], "a listed Pictify key"),
  active: isActive(item),
  prefix: prefixOf(item),
  access: optionalText(item, ["type"])?.toLowerCase(),
  createdAtMs: optionalTimeMs(item, ["createdAt", "created_at", "created"]),
  ...lastUseOf(item),
  ...expiryOf(item),
});

/** The query of a page; the first one is asked for plainly, since nothing of pages is in the seeds. */
const pageOf = async (connection: VendorConnection, query = ""): Promise<Page> => {
  const { body, vendorNowMs } = await connection.http.send({
    method: "GET",
    url: `${connection.baseUrl}${KEYS}${query}`,
    headers: admin(connection),
    repeatable: true,
  });
  const keys = itemsOf(body, ENVELOPES, "Pictify's list of keys").map(keyOf);
  return { keys, vendorNowMs, ...furtherOf(body) };
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
  const larger = await pageUnlessRefused(pageOf(connection, `?page=1&limit=${LARGEST_PAGE}`));
  return larger && larger.keys.length > plain.keys.length ? larger : plain;
};

const listAll = async (connection: VendorConnection): Promise<Listing> =>
  collectPages(await firstPage(connection), ({ pages, limit }) =>
    pageOf(connection, `?page=${pages + 1}${limit === undefined ? "" : `&limit=${limit}`}`),
  );

const isListedActive = async (connection: VendorConnection, keyId: string): Promise<boolean> =>
  (await listAll(connection)).keys.some((key) => key.id === keyId && key.active);

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
  requestsPerDay: { free: 1_000, pro: 10_000, business: 100_000 },
  replaysCreate: true,
  isVerifyOpen: false,

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
    const nested = [answer.apiKey, answer.api_key, answer.key, answer.data].find(isNested);
    const fields = { ...answer, ...nested };
    return {
      value: new Redacted(text(fields, VALUE, "Pictify's answer to create")),
      id: optionalId(fields),
      name: optionalText(fields, ["name"]),
      access: optionalText(fields, ["type"])?.toLowerCase(),
      createdAtMs: optionalTimeMs(fields, ["createdAt", "created_at", "created"]),
    };
  },

  list: listAll,

  /** Lists keys with the key itself: that renders nothing, so it costs no quota. */
  verify: ({ baseUrl, http }, apiKey) =>
    checkWith(http, {
      url: `${baseUrl}${KEYS}`,
      headers: { Authorization: bearer(apiKey) },
      documentedAt: "pictify.io",
    }),

  /** I: both requests. A key that its vendor does not list as active is not deleted besides: it may be revoked already. */
  async revoke(connection, keyId) {
    const url = `${connection.baseUrl}${KEYS}/${encodeURIComponent(keyId)}`;
    const headers = admin(connection);
    const { http } = connection;
    const asked = await revokeAnswer(http.send({ method: "POST", url: `${url}/revoke`, headers, repeatable: true }));
    if (asked === "accepted") return asked;
    if (!(await isListedActive(connection, keyId))) return "unclear";
    const deleted = await revokeAnswer(http.send({ method: "DELETE", url, headers, repeatable: true }));
    if (deleted === "accepted") return deleted;
    return (await isListedActive(connection, keyId)) ? "unsupported" : "unclear";
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
