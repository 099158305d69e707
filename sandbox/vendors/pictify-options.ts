import type { LastUsedForm } from "./last-used.ts";
import type { ListedAccessForm } from "./listed-access.ts";
import type { PageForm } from "./paging.ts";
import type { SimulatorOptions } from "./simulator.ts";

export type PictifyPlan = "free" | "pro" | "business" | "enterprise";

/** Only these two can be minted by the API. */
export const PICTIFY_TYPES = ["live", "test"] as const;
export type PictifyType = (typeof PICTIFY_TYPES)[number];

export const isPictifyType = (value: unknown): value is PictifyType => PICTIFY_TYPES.some((type) => type === value);

export interface PictifyLimits {
  readonly live: number;
  readonly test: number;
  /** Keys of both types together, where a plan is so agreed on. @default Infinity */
  readonly all?: number;
  readonly requestsPerMinute: number;
  readonly requestsPerDay: number;
}

/** Keys and requests by plan (S). Enterprise's "custom" requests are figures of ours. */
export const PICTIFY_LIMITS: { readonly [plan in PictifyPlan]: PictifyLimits } = {
  free: { live: 2, test: 5, requestsPerMinute: 60, requestsPerDay: 1_000 },
  pro: { live: 10, test: 10, requestsPerMinute: 300, requestsPerDay: 10_000 },
  business: { live: 50, test: 50, requestsPerMinute: 1_000, requestsPerDay: 100_000 },
  enterprise: {
    live: Number.POSITIVE_INFINITY,
    test: Number.POSITIVE_INFINITY,
    requestsPerMinute: 10_000,
    requestsPerDay: 1_000_000,
  },
};

/** What is not in the seeds. */
export interface PictifySwitches extends LastUsedForm, ListedAccessForm, PageForm {
  /** I: the field of the list answer that has the keys, or none: a bare array (no pagination then). */
  readonly envelope: "apiKeys" | "api_keys" | "keys" | "array";
  /** I: the field of the create answer that has the value. */
  readonly valueField: "key" | "secret" | "apiKey";
  /** I: the field that has the Key ID. */
  readonly idField: "id" | "keyId" | "key_id" | "uuid";
  /** I: the create answer has the Key ID. Off: only the list does. */
  readonly createHasId: boolean;
  /** P: `createdAt`, `lastUsedAt`. Else `created_at`, `last_used_at`. */
  readonly fieldNames: "camelCase" | "snake_case";
  /** `status` as the dashboard words it (S: Active, Revoked), in lower case (I), or a boolean `isActive` in its place (I). */
  readonly statusForm: "Active" | "active" | "isActive";
  /** P: `page` and `limit`, 20 keys a page unless told (I), at most 100, and a `pagination` object. Off: always all keys. */
  readonly pages: boolean;
  /** P: a POST with the Idempotency-Key of an earlier one gets the first answer again, value included. */
  readonly idempotency: boolean;
  /** I: the same Idempotency-Key on another request. */
  readonly idempotencyConflictStatus: 409 | 422;
  /** P: validation errors name the fields in `errors`. */
  readonly fieldErrors: boolean;
  /** P: a field that is not valid. A body that is not JSON is always 400. */
  readonly validationStatus: 400 | 422;
  /** The last part of the error type when the header is missing: S `missing-auth`, P also `missing-authorization`. */
  readonly missingAuthType: "missing-auth" | "missing-authorization";
  /** I: `PATCH /api-keys/{id}`. */
  readonly rename: boolean;
  /** I: `POST /api-keys/{id}/revoke`. */
  readonly revoke: boolean;
  /** I: `DELETE /api-keys/{id}`, of revoked keys only (S), else 409 (P). */
  readonly remove: boolean;
  /** I: the answer of an endpoint that is switched off. */
  readonly missingEndpointStatus: 404 | 405 | 501;
  /** I: a second revocation of the same key. */
  readonly repeatedRevokeStatus: 200 | 409;
  /** I: the answer when the plan allows no more keys. */
  readonly keyLimitStatus: 402 | 403 | 409 | 422;
  /** I: revoked keys take a place in the plan until they are deleted. Off by default. */
  readonly revokedKeysCount: boolean;
  /** I: an admin-level key is a live key to the plan, as it is to the list. */
  readonly adminKeysCount: boolean;
  /** I: a call refused with 403 counts as use. */
  readonly refusedCallsAreUse: boolean;
  /** I: a list of keys, which is what a verification asks for, counts as use. */
  readonly verificationsAreUse: boolean;
}

export const PICTIFY_DEFAULTS: PictifySwitches = {
  envelope: "apiKeys",
  valueField: "key",
  idField: "id",
  createHasId: true,
  fieldNames: "camelCase",
  statusForm: "Active",
  pages: true,
  idempotency: true,
  idempotencyConflictStatus: 409,
  fieldErrors: true,
  validationStatus: 400,
  missingAuthType: "missing-auth",
  rename: true,
  revoke: true,
  remove: true,
  missingEndpointStatus: 404,
  repeatedRevokeStatus: 200,
  keyLimitStatus: 409,
  revokedKeysCount: false,
  adminKeysCount: true,
  refusedCallsAreUse: true,
  verificationsAreUse: true,
  lastUsed: "time",
  neverUsed: "null",
  listedAccess: "plain",
  pageSize: null,
  pageFlags: "true",
  pastTheEnd: "empty",
};

/** A Pictify of which only the seeds are true: keys can be listed and made, and revoked by a person alone. */
export const PICTIFY_SEEDS_ONLY: PictifySwitches = {
  ...PICTIFY_DEFAULTS,
  envelope: "array",
  pages: false,
  idempotency: false,
  fieldErrors: false,
  rename: false,
  revoke: false,
  remove: false,
};

export interface PictifyOptions extends SimulatorOptions {
  /** @default "pro" */
  readonly plan?: PictifyPlan;
  /** @default the plan's */
  readonly rateLimit?: { readonly requestsPerMinute?: number; readonly requestsPerDay?: number };
  /** Keys of each type that may be active at once; Infinity: no limit. @default the plan's */
  readonly keyLimit?: { readonly live?: number; readonly test?: number /** Both together. */; readonly all?: number };
  /** Renders of one test key in a UTC day. @default 100 (S) */
  readonly testRendersPerDay?: number;
  /** How long an Idempotency-Key is remembered (I). @default 86,400,000, a day */
  readonly idempotencyMs?: number;
  /** @default PICTIFY_DEFAULTS */
  readonly switches?: Partial<PictifySwitches>;
}
