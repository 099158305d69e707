/* Pictograph's key management: what pictograph.ts says of it holds here, grades included. */
import type { Mounted } from "./assembly.ts";
import type { Call, Route } from "./call-handling.ts";
import { jsonAnswer, readObject } from "./json.ts";
import { keptName, listed, mint, windowUnder } from "./key-faults.ts";
import { currentDetails, type KeyDetails, type KeyRecord, type KeySnapshot } from "./key-record.ts";
import type { KeyDraft, KeyStore } from "./key-store.ts";
import { type Further, pageLimit, pageOf, type Window, wholeNumber } from "./paging.ts";
import { createdKey, listedKey, type PictographAnswers, shownKey } from "./pictograph-answers.ts";
import { isPictographRole, PICTOGRAPH_ROLES, type PictographSwitches, reaches } from "./pictograph-options.ts";
import { type RandomSource, randomBase64, randomText, randomUuid } from "./random-source.ts";

const KEYS_PATH = "/api/v1/api-keys/";
const KEYS_A_PAGE = { usual: 100, most: 1_000 };
const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** All that the key routes work with. */
export interface Keys {
  readonly store: KeyStore;
  readonly switches: PictographSwitches;
  readonly answers: PictographAnswers;
  readonly random: RandomSource;
  readonly requestsPerHour: number;
  readonly keyLimit: number;
  readonly maxNameLength: number;
}

const roleOf = (key: KeyRecord): string => currentDetails(key).access;

const newValue = ({ switches, random }: Pick<Keys, "switches" | "random">): string =>
  `pk_live_${switches.keyFormat === "base64" ? randomBase64(random, 32) : randomText(random, LETTERS_AND_DIGITS, 32)}`;

const isRefusal = <T extends object>(result: T | Response): result is Response => result instanceof Response;

/** Reads name, role and expiry; what the body does not have comes from `before`. */
const readDetails = (keys: Keys, body: Record<string, unknown>, before: Partial<KeyDetails>): KeyDetails | Response => {
  const { name = before.name, role = before.access } = body;
  if (typeof name !== "string" || name === "") return keys.answers.invalid("name is required.");
  if (name.length > keys.maxNameLength)
    return keys.answers.invalid(`name must not exceed ${keys.maxNameLength} characters.`);
  if (!isPictographRole(role)) return keys.answers.invalid(`role must be one of ${PICTOGRAPH_ROLES.join(", ")}.`);
  const expiresAtMs = readExpiry(keys, body, before.expiresAtMs ?? null);
  if (expiresAtMs === undefined) return keys.answers.invalid("expires_at must be an ISO 8601 time or null.");
  return { name, access: role, expiresAtMs };
};

const readExpiry = (
  { switches }: Keys,
  body: Record<string, unknown>,
  before: number | null,
): number | null | undefined => {
  const { expires_at: expiresAt = undefined } = body;
  if (!switches.expiry || expiresAt === undefined) return before;
  if (expiresAt === null) return null;
  const timeMs = typeof expiresAt === "string" ? Date.parse(expiresAt) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
};

const list = (keys: Keys, call: Call): Response => {
  const query = (name: string) => call.context.req.query(name);
  const { store, switches, answers } = keys;
  const organizationId = organizationOf(keys, call, query("organization_id"));
  if (typeof organizationId !== "string") return organizationId;
  const allFrom = (offset: number) => listed(store, organizationId, offset, call.fault);
  const wrap = (items: readonly KeySnapshot[], more: object = {}) =>
    jsonAnswer(200, { api_keys: items.map((key) => listedKey(key, switches, keys.requestsPerHour)), ...more });
  if (!switches.pages) return wrap(allFrom(0));
  const limit = pageLimit(query("limit"), switches, KEYS_A_PAGE);
  const offset = wholeNumber(query("offset"), 0, 0);
  if (limit === undefined || offset === undefined) return answers.invalid("limit and offset must be whole numbers.");
  const asked = windowUnder(call.fault, { offset, limit });
  const shown = pageOf(allFrom(asked.offset), asked, switches);
  if ("refusedWith" in shown) return answers.noSuchPage(shown.refusedWith);
  return wrap(shown.items, shown.further ? flagsOf(shown.further, { offset: shown.offset, limit }) : {});
};

/** I: what a page may say of further ones; no document has it. */
const flagsOf = ({ total, hasMore }: Further, { offset, limit }: Window): object => ({
  total,
  limit,
  offset,
  has_more: hasMore,
});

/** The organization that a call is about, or its refusal. */
const organizationOf = (keys: Keys, call: Call, asked: unknown): string | Response => {
  const own = call.key.organizationId;
  if (typeof asked !== "string") return keys.answers.invalid("organization_id is required.");
  return asked === own || !keys.switches.organizationChecked ? own : keys.answers.refused(call.path);
};

const activeKeysOf = (keys: Keys, organizationId: string): number =>
  keys.store.snapshots().filter((key) => key.organizationId === organizationId && key.active).length;

const create = (keys: Keys, call: Call): Response => {
  const body = readObject(call.bodyText);
  if (!body) return keys.answers.invalid("The body must be a JSON object.");
  const organizationId = organizationOf(keys, call, body.organization_id);
  if (typeof organizationId !== "string") return organizationId;
  const details = readDetails(keys, body, {});
  if (isRefusal(details)) return details;
  if (!reaches(roleOf(call.key), details.access)) return keys.answers.refused(call.path);
  if (activeKeysOf(keys, organizationId) >= keys.keyLimit) return keys.answers.keyLimitReached(keys.keyLimit);
  const draft = (): KeyDraft => ({
    ...newIdentity(keys),
    ...details,
    organizationId,
    shownCreatedAtMs: call.vendorNowMs,
  });
  const made = keys.store.snapshot(mint(keys.store, draft, call.fault));
  if (!made) throw new Error("A key that was just made is not there.");
  return jsonAnswer(201, createdKey(made, keys.switches, keys.requestsPerHour));
};

/** A fresh id and value. */
export const newIdentity = (keys: Pick<Keys, "switches" | "random">) => ({
  id: randomUuid(keys.random),
  value: newValue(keys),
});

/** The key that the path names, if the caller's organization has it and the caller's role reaches its. */
const namedKey = (keys: Keys, call: Call): KeyRecord | Response => {
  const key = keys.store.withId(call.context.req.param("id") ?? "");
  const visible = key && key.deletedAtMs === null && key.organizationId === call.key.organizationId;
  if (!visible) return keys.answers.notFound("API key not found");
  return reaches(roleOf(call.key), roleOf(key)) ? key : keys.answers.refused(call.path);
};

const show = (keys: Keys, key: KeyRecord): Response => {
  const snapshot = keys.store.snapshot(key);
  if (!snapshot) return keys.answers.notFound("API key not found");
  return jsonAnswer(200, shownKey(snapshot, keys.switches, keys.requestsPerHour));
};

const get = (keys: Keys, call: Call): Response => {
  if (!keys.switches.getKey) return keys.answers.missingEndpoint();
  const key = namedKey(keys, call);
  return isRefusal(key) ? key : show(keys, key);
};

const update = (keys: Keys, call: Call): Response => {
  if (!keys.switches.updateKey) return keys.answers.missingEndpoint();
  const key = namedKey(keys, call);
  if (isRefusal(key)) return key;
  if (key.revokedAtMs !== null) return keys.answers.notFound("API key not found");
  const body = readObject(call.bodyText);
  if (!body) return keys.answers.invalid("The body must be a JSON object.");
  const details = readDetails(keys, body, currentDetails(key));
  if (isRefusal(details)) return details;
  if (!reaches(roleOf(call.key), details.access)) return keys.answers.refused(call.path);
  if (call.fault?.kind !== "change-not-done")
    keys.store.change(key, { ...details, name: keptName(details.name, call.fault) });
  return show(keys, key);
};

const revoke = (keys: Keys, call: Call): Response => {
  const key = namedKey(keys, call);
  if (isRefusal(key)) return key;
  if (key.revokedAtMs !== null) return keys.answers.notFound("API key not found");
  if (call.fault?.kind !== "revoke-not-done") keys.store.revoke(key);
  return keys.switches.revokeStatus === 204 ? new Response(null, { status: 204 }) : jsonAnswer(200, { success: true });
};

/** The five key operations. */
export const keyRoutes = (keys: Keys): readonly Mounted[] => {
  const leastRole = keys.switches.adminsManageKeys ? "admin" : "owner";
  const managed = (operation: Route["operation"], work: (keys: Keys, call: Call) => Response): Route => ({
    operation,
    permits: (key) => reaches(roleOf(key), leastRole),
    work: (call) => work(keys, call),
  });
  return [
    { method: "GET", path: KEYS_PATH, route: managed("list", list) },
    { method: "POST", path: KEYS_PATH, route: managed("create", create) },
    { method: "GET", path: `${KEYS_PATH}:id`, route: managed("get", get) },
    { method: "PATCH", path: `${KEYS_PATH}:id`, route: managed("update", update) },
    { method: "DELETE", path: `${KEYS_PATH}:id`, route: managed("revoke", revoke) },
  ];
};
