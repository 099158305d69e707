import type { Dialect } from "./call-handling.ts";
import { type JsonObject, jsonAnswer } from "./json.ts";
import type { KeySnapshot } from "./key-record.ts";
import { lastUsedField } from "./last-used.ts";
import { listedAccess } from "./listed-access.ts";
import type { PictographSwitches } from "./pictograph-options.ts";

export interface PictographAnswers extends Dialect {
  notFound(message: string): Response;
  invalid(message: string): Response;
  noSuchPage(status: 400 | 404 | 422): Response;
  keyLimitReached(limit: number): Response;
  missingEndpoint(): Response;
}

/** `{"error":{"code","message"}}` (S). */
const nested = (status: number, code: string, message: string): Response =>
  jsonAnswer(status, { error: { code, message } });

/** `{"error":"code","message"}` (P). */
const flat = (status: number, code: string, message: string, more: object = {}): Response =>
  jsonAnswer(status, { error: code, message, ...more });

const throttledMessage = (retryAfterSeconds: number | null): string =>
  retryAfterSeconds === null
    ? "Rate limit exceeded."
    : `Rate limit exceeded. Please retry after ${retryAfterSeconds} seconds.`;

/** Pictograph's errors. S gives the codes 401, 403, 429 and the code `invalid_api_key`; P `rate_limit_exceeded` and `not_found`; all other codes are inferred. */
export const pictographAnswers = (switches: PictographSwitches): PictographAnswers => {
  const other = switches.stringErrors ? flat : nested;
  return {
    credentialOf: (headers) => headers.get("x-api-key") ?? undefined,
    missingCredential: () =>
      nested(401, "missing_api_key", "No API key was provided. Send it in the X-API-Key header."),
    unknownKey: () => nested(401, "invalid_api_key", "The provided API key is invalid or has been revoked."),
    refused: () => nested(403, "insufficient_permissions", "The API key's role does not allow this."),
    throttled: (seconds) =>
      other(429, "rate_limit_exceeded", throttledMessage(seconds), seconds === null ? {} : { retry_after: seconds }),
    failed: (status) => other(status, "internal_error", "Something went wrong on our side."),
    notFound: (message) => other(404, "not_found", message),
    invalid: (message) => other(400, "invalid_request", message),
    noSuchPage: (status) => other(status, "page_out_of_range", "There is no such page."),
    keyLimitReached: (limit) =>
      other(switches.keyLimitStatus, "key_limit_reached", `The plan allows ${limit} API keys.`),
    missingEndpoint: () => other(switches.missingEndpointStatus, "not_found", "There is no such endpoint."),
  };
};

const PREFIX_LENGTH = "pk_live_abc1".length;

const iso = (timeMs: number): string => new Date(timeMs).toISOString();

/** A key as answers show it. */
export const shownKey = (key: KeySnapshot, switches: PictographSwitches, requestsPerHour: number): JsonObject => {
  const { name, access: role } = key;
  const id = { [switches.idField]: key.id };
  const lastUsed = lastUsedField("last_used_at", key.lastUsedAtMs, switches);
  if (switches.keyFields === "seeds") return { ...id, name, role, ...lastUsed };
  return {
    ...id,
    name,
    key_prefix: key.value.slice(0, PREFIX_LENGTH),
    role,
    rate_limit: requestsPerHour,
    is_active: key.active,
    ...lastUsed,
    created_at: iso(key.createdAtMs),
    ...(switches.expiry ? { expires_at: key.expiresAtMs === null ? null : iso(key.expiresAtMs) } : {}),
  };
};

/** A key in a list, with its role as lists say it. */
export const listedKey = (key: KeySnapshot, switches: PictographSwitches, requestsPerHour: number): JsonObject => ({
  ...shownKey(key, switches, requestsPerHour),
  role: listedAccess(key.access, switches),
});

/** A key as the create answer shows it: the one time that its value is there. */
export const createdKey = (key: KeySnapshot, switches: PictographSwitches, requestsPerHour: number): object => {
  const { name, access: role, value } = key;
  const id = switches.createHasId ? { [switches.idField]: key.id } : {};
  if (switches.createAnswer === "full_key")
    return { ...id, name, role, key_prefix: value.slice(0, PREFIX_LENGTH), full_key: value };
  const { [switches.idField]: _, ...shown } = shownKey(key, switches, requestsPerHour);
  return { ...id, ...shown, key: value };
};
