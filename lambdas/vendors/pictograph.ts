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
  prefixOf,
  revokeAnswer,
  text,
} from "./answer.ts";
import type { Vendor, VendorConnection, VendorKey } from "./vendor.ts";
import { checkWith } from "./verify.ts";

/*
 * Pictograph, after its documentation (pictograph.io/docs, 2026). S: in the seeds. P: in further pages. I: inferred.
 * S: base URL, X-API-Key, list, create, delete = revoke, datasets, roles, errors.
 * P: the fields of a list item, `full_key` and `id` in the create answer, limit and offset; that name and role can be changed in
 *    place.
 * I: the request that changes them.
 */
const KEYS = "/api/v1/api-keys/";
const DATASETS = "/api/v1/developer/datasets/";

const admin = (connection: VendorConnection) => ({ "X-API-Key": connection.adminKey });

const keyOf = (item: Fields): VendorKey => ({
  id: idOf(item, "a listed Pictograph key"),
  name: text(item, ["name"], "a listed Pictograph key"),
  active: isActive(item),
  prefix: prefixOf(item),
  access: optionalText(item, ["role"]),
  createdAtMs: optionalTimeMs(item, ["created_at"]),
  ...lastUseOf(item),
  ...expiryOf(item),
});

/** The further query of a page; the first one is asked for plainly, since nothing of pages is in the seeds. */
const pageOf = async (connection: VendorConnection, query = ""): Promise<Page> => {
  const organization = encodeURIComponent(connection.organizationId ?? "");
  const { body, vendorNowMs } = await connection.http.send({
    method: "GET",
    url: `${connection.baseUrl}${KEYS}?organization_id=${organization}${query}`,
    headers: admin(connection),
    repeatable: true,
  });
  const keys = itemsOf(body, ["api_keys"], "Pictograph's list of keys").map(keyOf);
  return { keys, vendorNowMs, ...furtherOf(body) };
};

/** I: changes a part of a key in place. What the answer says is not read: the list is looked at. */
const patch = async (connection: VendorConnection, keyId: string, change: Fields): Promise<void> => {
  await connection.http.send({
    method: "PATCH",
    url: `${connection.baseUrl}${KEYS}${encodeURIComponent(keyId)}`,
    headers: { ...admin(connection), "Content-Type": "application/json" },
    body: change,
    repeatable: true,
  });
};

export const pictograph: Vendor = {
  name: "pictograph",
  defaultBaseUrl: "https://api.pictograph.io",
  defaultPropagationMs: 5_000,
  needsOrganization: true,
  adminKeyNeeds: "the role owner",
  accessKind: "role",
  accessValues: ["viewer", "member", "admin", "owner"],
  plans: { free: {}, starter: {}, core: {}, pro: {}, enterprise: {} },
  // It documents them by the hour.
  requestsPerDay: {
    free: 24 * 1_000,
    starter: 24 * 5_000,
    core: 24 * 5_000,
    pro: 24 * 20_000,
    enterprise: 24 * 100_000,
  },
  replaysCreate: false,
  isVerifyOpen: true,

  async create(connection, { name, access }) {
    const { body } = await connection.http.send({
      method: "POST",
      url: `${connection.baseUrl}${KEYS}`,
      headers: { ...admin(connection), "Content-Type": "application/json" },
      body: { organization_id: connection.organizationId, name, role: access.value },
      repeatable: false,
    });
    const fields = fieldsOf(body, "Pictograph's answer to create");
    return {
      value: new Redacted(text(fields, ["key", "full_key"], "Pictograph's answer to create")),
      id: optionalId(fields),
      name: optionalText(fields, ["name"]),
      access: optionalText(fields, ["role"]),
      createdAtMs: optionalTimeMs(fields, ["created_at"]),
    };
  },

  list: async (connection) =>
    collectPages(await pageOf(connection), ({ received, limit }) =>
      pageOf(connection, `${limit === undefined ? "" : `&limit=${limit}`}&offset=${received}`),
    ),

  verify: ({ baseUrl, http }, apiKey) =>
    checkWith(http, {
      url: `${baseUrl}${DATASETS}`,
      headers: { "X-API-Key": apiKey },
      documentedAt: "pictograph.io",
    }),

  revoke: (connection, keyId) =>
    revokeAnswer(
      connection.http.send({
        method: "DELETE",
        url: `${connection.baseUrl}${KEYS}${encodeURIComponent(keyId)}`,
        headers: admin(connection),
        repeatable: true,
      }),
    ),

  rename: (connection, keyId, name) => patch(connection, keyId, { name }),

  update: (connection, keyId, access) => patch(connection, keyId, { role: access.value }),
};
