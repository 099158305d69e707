import type { LastUsedForm } from "../../sandbox/vendors/last-used.ts";
import type { PageForm } from "../../sandbox/vendors/paging.ts";
import { PICTIFY_SEEDS_ONLY, type PictifySwitches } from "../../sandbox/vendors/pictify-options.ts";
import { PICTOGRAPH_SEEDS_ONLY, type PictographSwitches } from "../../sandbox/vendors/pictograph-options.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SKEW_MS } from "../stage/settings.ts";
import type { VendorVariant } from "../stage/vendors.ts";

/** A vendor as another document has it, and what that costs. */
export interface Variant extends VendorVariant {
  /** No call with a key shows: its overlap and a margin are all that a retirement goes by. */
  readonly hidesUse?: true;
  /** Its lists have words of their own for a role or type, so that no replacement is listed as it was asked for. */
  readonly wordsAccess?: true;
  /** Somebody has to do by hand what the vendor's API cannot, or says nothing about. */
  readonly needsPeople?: true;
  /** How long a life may need to be at rest. @default as else */
  readonly longestLifeMs?: number;
  /** Slots that a rotation needs besides. @default 0 */
  readonly moreSlots?: number;
}

const pictograph = (switches: Partial<PictographSwitches>): VendorVariant => ({ pictograph: { switches } });
const pictify = (switches: Partial<PictifySwitches>): VendorVariant => ({ pictify: { switches } });
const both = (switches: Partial<PictographSwitches & PictifySwitches>): VendorVariant => ({
  ...pictograph(switches),
  ...pictify(switches),
});
const clocked = (clockSkewMs: number): VendorVariant => ({ pictograph: { clockSkewMs }, pictify: { clockSkewMs } });
const propagating = (ofPictograph: number, ofPictify: number): VendorVariant => ({
  pictograph: { propagationMs: ofPictograph },
  pictify: { propagationMs: ofPictify },
});

/** Smaller pages than the keys that are there, whatever is said of further ones. */
const paged = (pageSize: number, more: Partial<PageForm> = {}): VendorVariant => both({ pageSize, ...more });

/** What its list says of use is not understood, so that a person ends what is over. */
const notUnderstood = (lastUsed: LastUsedForm["lastUsed"]): Variant => ({
  ...both({ lastUsed }),
  needsPeople: true,
  longestLifeMs: TWO_DAYS_MS,
});

const withoutChange = (missingEndpointStatus: 404 | 405 | 501): VendorVariant => ({
  ...pictograph({ updateKey: false, getKey: false, missingEndpointStatus }),
  ...pictify({ rename: false, missingEndpointStatus }),
});

/** Keys are deleted only where they are revoked, so that without the one request the other is none either. */
const withoutRevocation = (missingEndpointStatus: 404 | 405 | 501, remove: boolean): Variant => ({
  ...pictify({ revoke: false, remove, missingEndpointStatus }),
  needsPeople: true,
});

/** The end of the day of the last use counts, and that of the day after, where a use was late. */
const TWO_DAYS_MS = 2 * DAY_MS + 4 * 60 * MINUTE_MS;

/** Every variant by its name: what a document leaves open, or another one has otherwise. */
export const VARIANTS: Readonly<Record<string, Variant>> = {
  "seeds-only-pictograph": { pictograph: { switches: PICTOGRAPH_SEEDS_ONLY }, hidesUse: true, needsPeople: true },
  "seeds-only-pictify": { pictify: { switches: PICTIFY_SEEDS_ONLY }, needsPeople: true },
  "no-change-404": withoutChange(404),
  "no-change-405": withoutChange(405),
  "no-change-501": withoutChange(501),
  "no-revocation-404": withoutRevocation(404, false),
  "no-revocation-405": withoutRevocation(405, true),
  "no-revocation-501": withoutRevocation(501, false),
  "no-last-use": { ...both({ lastUsed: "missing" }), hidesUse: true, needsPeople: true },
  "last-use-by-day": { ...both({ lastUsed: "date" }), longestLifeMs: TWO_DAYS_MS },
  "never-used-not-shown": { ...both({ neverUsed: "missing" }), needsPeople: true },
  "revoked-not-listed": pictograph({ revokedKeysListed: false }),
  "refused-is-no-use": both({ refusedCallsAreUse: false }),
  "base64-values": pictograph({ keyFormat: "base64" }),
  "full-key": pictograph({ createAnswer: "full_key" }),
  // Without a field that says so, a revoked key is one that is not listed: else nobody could tell.
  "few-fields": {
    ...pictograph({ keyFields: "seeds", revokedKeysListed: false }),
    needsPeople: true,
  },
  "no-limit-headers": pictograph({ rateLimitHeaders: false }),
  "nested-errors": pictograph({ stringErrors: false }),
  "owners-alone": pictograph({ adminsManageKeys: false }),
  "no-expiry": pictograph({ expiry: false }),
  "no-pages": both({ pages: false }),
  "revoke-200": pictograph({ revokeStatus: 200 }),
  "key-limit-402": both({ keyLimitStatus: 402 }),
  "key-limit-403": both({ keyLimitStatus: 403 }),
  "key-limit-422": both({ keyLimitStatus: 422 }),
  "api-keys-envelope": pictify({ envelope: "api_keys" }),
  "keys-envelope": pictify({ envelope: "keys" }),
  "array-envelope": pictify({ envelope: "array" }),
  "secret-field": pictify({ valueField: "secret" }),
  "api-key-field": pictify({ valueField: "apiKey" }),
  "key-id-field": pictify({ idField: "keyId" }),
  "key-id-snake-field": pictify({ idField: "key_id" }),
  "snake-case": pictify({ fieldNames: "snake_case" }),
  "active-in-lower-case": pictify({ statusForm: "active" }),
  "is-active": pictify({ statusForm: "isActive" }),
  "no-idempotency": pictify({ idempotency: false }),
  "idempotency-for-a-minute": { pictify: { idempotencyMs: MINUTE_MS } },
  "idempotency-conflict-422": pictify({ idempotencyConflictStatus: 422 }),
  "no-field-errors": pictify({ fieldErrors: false }),
  "validation-422": pictify({ validationStatus: 422 }),
  "missing-authorization": pictify({ missingAuthType: "missing-authorization" }),
  "second-revocation-409": pictify({ repeatedRevokeStatus: 409 }),
  "admin-takes-no-slot": pictify({ adminKeysCount: false }),
  "clock-ahead": clocked(SKEW_MS),
  "clock-behind": clocked(-SKEW_MS),
  "works-at-once": propagating(0, 0),
  "works-as-late-as-clocks-differ": propagating(5_000 + SKEW_MS, 30_000 + SKEW_MS),
  "revoked-within-a-second": { pictograph: { revocationMs: 1_000 }, pictify: { revocationMs: 1_000 } },
  "use-shown-at-once": { pictograph: { usageDelayMs: 0 }, pictify: { usageDelayMs: 0 } },
  "pages-of-one": paged(1),
  "pages-of-three": paged(3),
  "pages-without-a-word": paged(2, { pageFlags: "none" }),
  "pages-said-to-be-the-last": paged(2, { pageFlags: "always-last" }),
  "pages-said-to-go-on": paged(2, { pageFlags: "always-more" }),
  "last-page-again": paged(2, { pastTheEnd: "last-page" }),
  "no-page-past-the-end-404": paged(2, { pageFlags: "none", pastTheEnd: 404 }),
  "no-page-past-the-end-422": paged(3, { pageFlags: "none", pastTheEnd: 422 }),
  "last-use-in-seconds": both({ lastUsed: "epoch-seconds" }),
  "last-use-in-milliseconds": both({ lastUsed: "epoch-milliseconds" }),
  "last-use-with-offset": both({ lastUsed: "offset" }),
  "last-use-without-zone": notUnderstood("local"),
  "last-use-in-english": notUnderstood("english"),
  // Pictify refuses a verification with 403, so that nothing can be known but what it lists.
  "last-use-never-filled-pictify": { ...pictify({ lastUsed: "null-always" }), hidesUse: true, needsPeople: true },
  "last-use-never-filled-pictograph": {
    ...pictograph({ lastUsed: "null-always" }),
    needsPeople: true,
    longestLifeMs: TWO_DAYS_MS,
  },
  "last-use-once-an-hour": {
    pictograph: { usageResolutionMs: HOUR_MS },
    pictify: { usageResolutionMs: HOUR_MS },
    connection: { lastUseResolution: "PT1H" },
    longestLifeMs: TWO_DAYS_MS,
  },
  // Nobody declared it, so that what is shown of use is not understood.
  "last-use-every-two-hours": {
    pictograph: { usageResolutionMs: 2 * HOUR_MS },
    needsPeople: true,
    longestLifeMs: TWO_DAYS_MS,
  },
  "verifications-are-no-use": {
    ...both({ verificationsAreUse: false, refusedCallsAreUse: false }),
    needsPeople: true,
    longestLifeMs: TWO_DAYS_MS,
  },
  "access-in-words": { ...both({ listedAccess: "in words" }), wordsAccess: true },
  "no-id-on-create": both({ createHasId: false }),
  "uuid-field": both({ idField: "uuid" }),
  "pictograph-key-id": pictograph({ idField: "keyId" }),
  "revoked-within-five-minutes": {
    pictograph: { revocationMs: 5 * MINUTE_MS },
    pictify: { revocationMs: 5 * MINUTE_MS },
  },
  "four-requests-a-minute": { pictify: { rateLimit: { requestsPerMinute: 4 } } },
};
