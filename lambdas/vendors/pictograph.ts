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
import type { Vendor, VendorConnection, VendorKey } from "./vendor.ts";
import { VendorError } from "./vendor-error.ts";
import { verdictOf } from "./verify.ts";

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
  id: text(item, ["id", "key_id"], "a listed Pictograph key"),
  name: text(item, ["name"], "a listed Pictograph key"),
  active: item.is_active !== false,
  prefix: optionalText(item, ["key_prefix"]),
  access: optionalText(item, ["role"]),
  createdAtMs: optionalTimeMs(item, ["created_at"]),
  lastUse: lastUse(item, ["last_used_at"]),
});

const pageOf = async (connection: VendorConnection, received: number): Promise<Page> => {
  const organization = encodeURIComponent(connection.organizationId ?? "");
  const further = received > 0 ? `&limit=100&offset=${received}` : "";
  const { body, vendorNowMs } = await connection.http.send({
    method: "GET",
    url: `${connection.baseUrl}${KEYS}?organization_id=${organization}${further}`,
    headers: admin(connection),
    repeatable: true,
  });
  return { keys: itemsOf(body, ["api_keys"], "Pictograph's list of keys").map(keyOf), vendorNowMs, hasMore: undefined };
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
  replaysCreate: false,

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
      id: optionalText(fields, ["id", "key_id"]),
      name: optionalText(fields, ["name"]),
      access: optionalText(fields, ["role"]),
      createdAtMs: optionalTimeMs(fields, ["created_at"]),
    };
  },

  list: (connection) => collectPages((received) => pageOf(connection, received)),

  verify: (connection, apiKey) =>
    verdictOf(
      connection.http.send({
        method: "GET",
        url: `${connection.baseUrl}${DATASETS}`,
        headers: { "X-API-Key": apiKey },
        repeatable: true,
      }),
    ),

  async revoke(connection, keyId) {
    try {
      await connection.http.send({
        method: "DELETE",
        url: `${connection.baseUrl}${KEYS}${encodeURIComponent(keyId)}`,
        headers: admin(connection),
        repeatable: true,
      });
    } catch (error) {
      if (!(error instanceof VendorError && error.code === "NOT_FOUND")) throw error;
    }
  },

  rename: (connection, keyId, name) => patch(connection, keyId, { name }),

  update: (connection, keyId, access) => patch(connection, keyId, { role: access.value }),
};
