import type { Dialect } from "./call-handling.ts";
import { jsonAnswer, withoutFields } from "./json.ts";
import type { KeySnapshot } from "./key-record.ts";
import { lastUsedField } from "./last-used.ts";
import { listedAccess } from "./listed-access.ts";
import type { PictifySwitches, PictifyType } from "./pictify-options.ts";

/** One field that is not valid (P). */
export interface FieldError {
  readonly field: string;
  readonly message: string;
  readonly code: string;
}

export interface PictifyAnswers extends Dialect {
  notFound(path: string): Response;
  notAllowed(status: 404 | 405 | 501, path: string): Response;
  noSuchPage(status: 400 | 404 | 422, path: string): Response;
  malformed(path: string): Response;
  invalid(errors: readonly FieldError[], path: string): Response;
  conflict(detail: string, path: string): Response;
  keyLimitReached(type: PictifyType, limit: number, path: string): Response;
  idempotencyConflict(path: string): Response;
}

const TYPES = "https://docs.pictify.io/errors/";

/** A problem detail of RFC 9457 (P; S shows the same fields). */
const problem = (
  status: number,
  type: string,
  title: string,
  detail: string,
  instance: string,
  more: object = {},
): Response =>
  jsonAnswer(status, { type: TYPES + type, title, status, detail, instance, ...more }, "application/problem+json");

const throttledDetail = (retryAfterSeconds: number | null): string =>
  retryAfterSeconds === null
    ? "You have exceeded the rate limit."
    : `You have exceeded the rate limit. Please retry after ${retryAfterSeconds} seconds.`;

const bearerOf = (headers: Headers): string | undefined =>
  /^bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];

/** Pictify's errors. S gives invalid-api-key, missing-auth and rate-limit, P validation-error and the statuses; all other types are inferred. */
export const pictifyAnswers = (switches: PictifySwitches): PictifyAnswers => ({
  credentialOf: bearerOf,
  missingCredential: (path) =>
    problem(
      401,
      switches.missingAuthType,
      "Missing Authentication",
      "No API key provided. Include your API key in the Authorization header.",
      path,
    ),
  unknownKey: (path) =>
    problem(401, "invalid-api-key", "Invalid API Key", "The provided API key is invalid or has been revoked.", path),
  refused: (path) =>
    problem(403, "forbidden", "Forbidden", "This API key does not have key management permissions.", path),
  throttled: (seconds, path) => problem(429, "rate-limit", "Rate Limit Exceeded", throttledDetail(seconds), path),
  failed: (status, path) => problem(status, "server-error", "Server Error", "Something went wrong on our side.", path),
  notFound: (path) => problem(404, "not-found", "Not Found", "The requested resource does not exist.", path),
  notAllowed: (status, path) => problem(status, "not-found", "Not Found", "There is no such endpoint.", path),
  noSuchPage: (status, path) => problem(status, "page-out-of-range", "Page Out Of Range", "No such page.", path),
  malformed: (path) => problem(400, "validation-error", "Validation Error", "The body must be a JSON object.", path),
  invalid: (errors, path) => {
    const detail = errors.map(({ field, message }) => `${field}: ${message}.`).join(" ");
    const more = switches.fieldErrors ? { errors } : {};
    return problem(switches.validationStatus, "validation-error", "Validation Error", detail, path, more);
  },
  conflict: (detail, path) => problem(409, "conflict", "Conflict", detail, path),
  keyLimitReached: (type, limit, path) =>
    problem(switches.keyLimitStatus, "key-limit", "Key Limit Reached", `Your plan allows ${limit} ${type} keys.`, path),
  idempotencyConflict: (path) =>
    problem(
      switches.idempotencyConflictStatus,
      "idempotency-conflict",
      "Idempotency Conflict",
      "This Idempotency-Key was used with another request.",
      path,
    ),
});

/** The type that lists show and plans count: an admin-level key has the prefix of a live one. */
export const shownType = (access: string): PictifyType => (access === "test" ? "test" : "live");

const status = (key: KeySnapshot, { statusForm }: PictifySwitches): object => {
  if (statusForm === "isActive") return { isActive: key.active };
  const word = key.active ? "Active" : "Revoked";
  return { status: statusForm === "Active" ? word : word.toLowerCase() };
};

/** A key as answers show it: the columns of the dashboard (S), never a value. */
export const shownKey = (key: KeySnapshot, switches: PictifySwitches): object => {
  const camelCase = switches.fieldNames === "camelCase";
  return {
    [switches.idField]: key.id,
    name: key.name,
    type: shownType(key.access),
    ...status(key, switches),
    [camelCase ? "createdAt" : "created_at"]: new Date(key.createdAtMs).toISOString(),
    ...lastUsedField(camelCase ? "lastUsedAt" : "last_used_at", key.lastUsedAtMs, switches),
  };
};

/** A key in a list, with its type as lists say it. */
export const listedKey = (key: KeySnapshot, switches: PictifySwitches): object => ({
  ...shownKey(key, switches),
  type: listedAccess(shownType(key.access), switches),
});

/** A key as the create answer shows it: the one time that its value is there. */
export const createdKey = (key: KeySnapshot, switches: PictifySwitches): object => {
  const shown = { ...shownKey(key, switches), [switches.valueField]: key.value };
  return switches.createHasId ? shown : (withoutFields(shown, [switches.idField]) as object);
};
