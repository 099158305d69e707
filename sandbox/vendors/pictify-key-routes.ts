/* Pictify's key management: what pictify.ts says of it holds here, grades included. */
import type { Mounted } from "./assembly.ts";
import type { Call, Route } from "./call-handling.ts";
import { type IdempotencyMemory, onceFor } from "./idempotency.ts";
import { jsonAnswer, readObject } from "./json.ts";
import { keptName, listed, mint, windowUnder } from "./key-faults.ts";
import { currentDetails, type KeyRecord, type KeySnapshot } from "./key-record.ts";
import type { KeyDraft, KeyStore } from "./key-store.ts";
import { type Further, pageLimit, pageOf, type Window, wholeNumber } from "./paging.ts";
import { createdKey, type FieldError, listedKey, type PictifyAnswers, shownKey, shownType } from "./pictify-answers.ts";
import { isPictifyType, type PictifyLimits, type PictifySwitches, type PictifyType } from "./pictify-options.ts";
import { type RandomSource, randomText } from "./random-source.ts";

const KEYS_PATH = "/api-keys";
const TEAM = "team";
const KEYS_A_PAGE = { usual: 20, most: 100 };
const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const ID_LENGTH = 12;
const VALUE_LENGTH = 32;

/** All that the key routes work with. */
export interface Keys {
  readonly store: KeyStore;
  readonly switches: PictifySwitches;
  readonly answers: PictifyAnswers;
  readonly random: RandomSource;
  readonly limits: PictifyLimits;
  readonly memory: IdempotencyMemory;
  readonly maxNameLength: number;
}

/** A key of a team with a fresh Key ID and value. */
export const newKey = (random: RandomSource, name: string, access: string, team = TEAM): KeyDraft => ({
  id: `key_${randomText(random, LETTERS_AND_DIGITS.toLowerCase(), ID_LENGTH)}`,
  value: `pk_${shownType(access)}_${randomText(random, LETTERS_AND_DIGITS, VALUE_LENGTH)}`,
  organizationId: team,
  name,
  access,
  expiresAtMs: null,
});

/** Pictify's pagination object (P). */
const paginationOf = ({ total, hasMore }: Further, { offset, limit }: Window): object => {
  const page = Math.floor(offset / limit) + 1;
  return { page, limit, total, totalPages: Math.ceil(total / limit), hasNext: hasMore, hasPrev: page > 1 };
};

const list = (keys: Keys, call: Call): Response => {
  const { store, switches, answers } = keys;
  const { envelope, pages } = switches;
  const allFrom = (offset: number) => listed(store, call.key.organizationId, offset, call.fault);
  const wrap = (items: readonly KeySnapshot[], more: object = {}) => {
    const shown = items.map((key) => listedKey(key, switches));
    return jsonAnswer(200, envelope === "array" ? shown : { [envelope]: shown, ...more });
  };
  if (!pages) return wrap(allFrom(0));
  const page = wholeNumber(call.context.req.query("page"), 1, 1);
  const limit = pageLimit(call.context.req.query("limit"), switches, KEYS_A_PAGE);
  if (page === undefined || limit === undefined) return answers.invalid([badPaging(page)], call.path);
  const asked = windowUnder(call.fault, { offset: (page - 1) * limit, limit });
  const shown = pageOf(allFrom(asked.offset), asked, switches);
  if ("refusedWith" in shown) return answers.noSuchPage(shown.refusedWith, call.path);
  const { items, offset, further } = shown;
  return wrap(items, further ? { pagination: paginationOf(further, { offset, limit }) } : {});
};

const badPaging = (page: number | undefined): FieldError => ({
  field: page === undefined ? "page" : "limit",
  message: "Must be a positive integer",
  code: "invalid_type",
});

const nameErrors = (name: unknown, maxNameLength: number): FieldError[] => {
  if (typeof name !== "string" || name === "") return [{ field: "name", message: "Required", code: "required" }];
  if (name.length <= maxNameLength) return [];
  return [{ field: "name", message: `Must not exceed ${maxNameLength} characters`, code: "too_big" }];
};

const create = (keys: Keys, call: Call): Response => {
  const { answers, maxNameLength } = keys;
  const body = readObject(call.bodyText);
  if (!body) return answers.malformed(call.path);
  const { name, type } = body;
  const errors = nameErrors(name, maxNameLength);
  if (typeof name !== "string" || !isPictifyType(type) || errors.length > 0) {
    const typeErrors = isPictifyType(type)
      ? []
      : [{ field: "type", message: "Must be live or test", code: "invalid_enum" }];
    return answers.invalid([...errors, ...typeErrors], call.path);
  }
  const team = call.key.organizationId;
  const limit = limitReached(keys, type, team);
  if (limit !== undefined) return answers.keyLimitReached(type, limit, call.path);
  const draft = () => ({ ...newKey(keys.random, name, type, team), shownCreatedAtMs: call.vendorNowMs });
  return shownOr404(keys, mint(keys.store, draft, call.fault), call, 201, createdKey);
};

/** The keys that take up places of a team's plan. */
const placed = ({ store, switches }: Keys, team: string): readonly KeySnapshot[] =>
  store
    .snapshots()
    .filter((key) => key.organizationId === team)
    .filter((key) => key.active || switches.revokedKeysCount)
    .filter((key) => key.access !== "admin" || switches.adminKeysCount);

/** An admin-level key is a live one. */
const isOfType =
  (type: PictifyType) =>
  ({ access }: KeySnapshot): boolean =>
    access === type || (access === "admin" && type === "live");

/** The limit that one more key of `type` would go past; undefined: it may be made. */
const limitReached = (keys: Keys, type: PictifyType, team: string): number | undefined => {
  const { all = Number.POSITIVE_INFINITY, [type]: ofType } = keys.limits;
  const taken = placed(keys, team);
  if (taken.length >= all) return all;
  return taken.filter(isOfType(type)).length >= ofType ? ofType : undefined;
};

const createOnce = (keys: Keys, call: Call): Response => {
  const idempotencyKey = keys.switches.idempotency ? call.context.req.header("idempotency-key") : undefined;
  const request = `${call.path} ${call.bodyText}`;
  const conflict = () => keys.answers.idempotencyConflict(call.path);
  return onceFor(keys.memory, idempotencyKey, request, () => create(keys, call), conflict);
};

const shownOr404 = (keys: Keys, key: KeyRecord, call: Call, status: 200 | 201, show = shownKey): Response => {
  const snapshot = keys.store.snapshot(key);
  return snapshot ? jsonAnswer(status, show(snapshot, keys.switches)) : keys.answers.notFound(call.path);
};

/** The key that the path names; undefined when there is none, or none any more. */
const namedKey = (keys: Keys, call: Call): KeyRecord | undefined => {
  const key = keys.store.withId(call.context.req.param("id") ?? "");
  return key?.deletedAtMs === null && key.organizationId === call.key.organizationId ? key : undefined;
};

const rename = (keys: Keys, call: Call, key: KeyRecord): Response => {
  const body = readObject(call.bodyText);
  if (!body) return keys.answers.malformed(call.path);
  const { name } = body;
  const errors = nameErrors(name, keys.maxNameLength);
  if (errors.length > 0) return keys.answers.invalid(errors, call.path);
  const details = { ...currentDetails(key), name: keptName(String(name), call.fault) };
  if (call.fault?.kind !== "change-not-done") keys.store.change(key, details);
  return shownOr404(keys, key, call, 200);
};

const revoke = (keys: Keys, call: Call, key: KeyRecord): Response => {
  const again = key.revokedAtMs !== null;
  if (again && keys.switches.repeatedRevokeStatus === 409) {
    return keys.answers.conflict("This API key is already revoked.", call.path);
  }
  if (call.fault?.kind !== "revoke-not-done") keys.store.revoke(key);
  return shownOr404(keys, key, call, 200);
};

const remove = (keys: Keys, call: Call, key: KeyRecord): Response => {
  if (key.revokedAtMs === null) return keys.answers.conflict("Only revoked keys can be deleted.", call.path);
  keys.store.remove(key);
  return new Response(null, { status: 204 });
};

/** The five key operations, all for admin-level keys only (S). */
export const keyRoutes = (keys: Keys): readonly Mounted[] => {
  const { switches, answers } = keys;
  const managed = (operation: Route["operation"], work: (call: Call) => Response): Route => ({
    operation,
    permits: (key) => currentDetails(key).access === "admin",
    work,
  });
  const onKey = (work: (keys: Keys, call: Call, key: KeyRecord) => Response, there: boolean) => (call: Call) => {
    if (!there) return answers.notAllowed(switches.missingEndpointStatus, call.path);
    const key = namedKey(keys, call);
    return key ? work(keys, call, key) : answers.notFound(call.path);
  };
  return [
    { method: "GET", path: KEYS_PATH, route: managed("list", (call) => list(keys, call)) },
    { method: "POST", path: KEYS_PATH, route: managed("create", (call) => createOnce(keys, call)) },
    { method: "PATCH", path: `${KEYS_PATH}/:id`, route: managed("rename", onKey(rename, switches.rename)) },
    { method: "POST", path: `${KEYS_PATH}/:id/revoke`, route: managed("revoke", onKey(revoke, switches.revoke)) },
    { method: "DELETE", path: `${KEYS_PATH}/:id`, route: managed("delete", onKey(remove, switches.remove)) },
  ];
};
