import type { LastUsedForm } from "./last-used.ts";
import type { ListedAccessForm } from "./listed-access.ts";
import type { PageForm } from "./paging.ts";
import type { SimulatorOptions } from "./simulator.ts";

/** Each role may do what those before it may (S). */
export const PICTOGRAPH_ROLES = ["viewer", "member", "admin", "owner"] as const;
export type PictographRole = (typeof PICTOGRAPH_ROLES)[number];

export const isPictographRole = (value: unknown): value is PictographRole =>
  PICTOGRAPH_ROLES.some((role) => role === value);

/** Whether a key of role `held` may do what `needed` may. */
export const reaches = (held: string, needed: string): boolean => {
  const roles: readonly string[] = PICTOGRAPH_ROLES;
  const rank = (role: string) => roles.indexOf(role);
  return rank(needed) >= 0 && rank(held) >= rank(needed);
};

export type PictographPlan = "free" | "starter" | "core" | "pro" | "enterprise";

/** Requests of one key in a sliding hour (P). */
export const REQUESTS_PER_HOUR: { readonly [plan in PictographPlan]: number } = {
  free: 1_000,
  starter: 5_000,
  core: 5_000,
  pro: 20_000,
  enterprise: 100_000,
};

/** What is not in the seeds, and where further documentation and seeds differ. */
export interface PictographSwitches extends LastUsedForm, ListedAccessForm, PageForm {
  /** S: `pk_live_` and 32 letters and digits. P, newer page: `pk_live_` and 32 bytes in base64, `+`, `/` and `=` included. */
  readonly keyFormat: "characters" | "base64";
  /** The field of the create answer that has the value: S `key`; P, newer page, `full_key` (with id, name, role and key_prefix only). */
  readonly createAnswer: "key" | "full_key";
  /** P: `id`, which S calls a UUID. I: other names. */
  readonly idField: "id" | "keyId" | "key_id" | "uuid";
  /** P: the create answer has the id. Off: only the list does. */
  readonly createHasId: boolean;
  /** P: all fields of a key. S has none of them but what its own calls need: id, name, role. */
  readonly keyFields: "documented" | "seeds";
  /** P: X-RateLimit headers on every answer. */
  readonly rateLimitHeaders: boolean;
  /** P: all errors but 401 and 403 are `{"error":"code","message"}`. Off: all are `{"error":{"code","message"}}` (S). */
  readonly stringErrors: boolean;
  /** P: admins manage keys too, those of equal or lower role. Off: owners alone (S). */
  readonly adminsManageKeys: boolean;
  /** P: `expires_at` is taken, obeyed and shown. */
  readonly expiry: boolean;
  /** P: the list of keys takes `limit` and `offset`, 100 keys at a time unless told. Off: always all keys. */
  readonly pages: boolean;
  /** I: `GET /api/v1/api-keys/{uuid}`. */
  readonly getKey: boolean;
  /** I: `PATCH /api/v1/api-keys/{uuid}`. */
  readonly updateKey: boolean;
  /** I: the answer of an endpoint that is switched off. */
  readonly missingEndpointStatus: 404 | 405 | 501;
  /** P (there is an `is_active`): a revoked key stays in the list. Off: it is gone, which without `is_active` is the only way to tell. */
  readonly revokedKeysListed: boolean;
  /** I: the answer to a revocation. */
  readonly revokeStatus: 200 | 204;
  /** I: the answer when no more keys may be made. */
  readonly keyLimitStatus: 402 | 403 | 409 | 422;
  /** I: a call refused with 403 counts as use. */
  readonly refusedCallsAreUse: boolean;
  /** I: lists of datasets, which is what a verification asks for, and of keys count as use. */
  readonly verificationsAreUse: boolean;
  /**
   * I: a list or a key for an organization that is not the key's own is refused with 403. Off: the organization that is asked for is not
   * looked at, and the key's own is meant.
   */
  readonly organizationChecked: boolean;
}

export const PICTOGRAPH_DEFAULTS: PictographSwitches = {
  keyFormat: "characters",
  createAnswer: "key",
  idField: "id",
  createHasId: true,
  keyFields: "documented",
  rateLimitHeaders: true,
  stringErrors: true,
  adminsManageKeys: true,
  expiry: true,
  pages: true,
  getKey: true,
  updateKey: true,
  missingEndpointStatus: 404,
  revokedKeysListed: true,
  revokeStatus: 204,
  keyLimitStatus: 409,
  refusedCallsAreUse: true,
  verificationsAreUse: true,
  organizationChecked: true,
  lastUsed: "time",
  neverUsed: "null",
  listedAccess: "plain",
  pageSize: null,
  pageFlags: "none",
  pastTheEnd: "empty",
};

/** A Pictograph of which only the seeds are true. */
export const PICTOGRAPH_SEEDS_ONLY: PictographSwitches = {
  ...PICTOGRAPH_DEFAULTS,
  keyFields: "seeds",
  rateLimitHeaders: false,
  stringErrors: false,
  adminsManageKeys: false,
  expiry: false,
  pages: false,
  getKey: false,
  updateKey: false,
  revokedKeysListed: false,
  lastUsed: "missing",
};

export interface PictographOptions extends SimulatorOptions {
  /** @default "pro" */
  readonly plan?: PictographPlan;
  /** @default the plan's */
  readonly rateLimit?: { readonly requestsPerHour?: number };
  /** Keys that an organization may have active at once. @default Infinity: no document names a limit */
  readonly keyLimit?: number;
  /** @default PICTOGRAPH_DEFAULTS */
  readonly switches?: Partial<PictographSwitches>;
  /** A UUID. @default a random one */
  readonly organizationId?: string;
}
