/*
 * Pictify, as a client sees it: https://api.pictify.io on a server of our own.
 *
 * Written from, and graded so in the comments:
 *   S  the vendor's pages on authentication, key management and key security: Bearer keys, list and create with an admin-level key, key
 *      types and prefixes, Key ID, the columns shown, one-time display, immediate and permanent revocation, deletion of revoked keys
 *      only, limits of keys and of requests, X-RateLimit headers and Retry-After, propagation, late usage, the problem bodies of 401 and 429,
 *      `POST /image`, 100 watermarked renders a day with a test key;
 *   P  its further public documentation: RFC 9457 with `errors`, 403/409/422/204, Idempotency-Key, pages, camelCase and ISO 8601;
 *   I  our inference: the envelope of the list, the field of the value, rename, revoke and delete over HTTP, types of other errors.
 * P and I stand behind `PictifySwitches` and are on by default; PICTIFY_SEEDS_ONLY turns them off. What other vendors do, and this one
 * may (I), is off by default: other sizes of pages and flags that lie about them, other forms of last use, words of a list's own for a type, ids under other names or
 * missing from the create answer, verifications that are no use, a reporting that is coarse or stands still.
 *
 * Requests are counted in whole minutes and whole UTC days: the reset time in the seeds' example is a whole minute (I). The headers
 * tell of whichever of the two has less room left. Admin-level keys are listed as live.
 *
 * Left out: the dashboard (its usage per day, alerts, audit log), what teams are but for their keys, read-only keys, the plan's quota of renders,
 * GIFs, PDFs and templates, IP limits on unauthenticated calls.
 */
import { assembleSimulator, buildParts, buildServer } from "./assembly.ts";
import type { Route } from "./call-handling.ts";
import { IdempotencyMemory } from "./idempotency.ts";
import type { KeyDraft } from "./key-store.ts";
import { checkPageForm } from "./paging.ts";
import { pictifyAnswers } from "./pictify-answers.ts";
import { imageRoute } from "./pictify-image.ts";
import { type Keys, keyRoutes, newKey } from "./pictify-key-routes.ts";
import {
  isPictifyType,
  PICTIFY_DEFAULTS,
  PICTIFY_LIMITS,
  PICTIFY_TYPES,
  type PictifyLimits,
  type PictifyOptions,
} from "./pictify-options.ts";
import { cryptoRandom, type RandomSource } from "./random-source.ts";
import type { RateWindow } from "./rate-limit.ts";
import type { IssueRequest, VendorSimulator } from "./simulator.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const PROPAGATION_MS = 30_000;
const LONGEST_NAME = 255;
const TEST_RENDERS_PER_DAY = 100;

const limitsOf = (options: PictifyOptions): PictifyLimits => ({
  ...PICTIFY_LIMITS[options.plan ?? "pro"],
  ...options.keyLimit,
  ...options.rateLimit,
});

const windowsOf = (limits: PictifyLimits): readonly RateWindow[] => [
  { limit: limits.requestsPerMinute, durationMs: MINUTE_MS, kind: "fixed" },
  { limit: limits.requestsPerDay, durationMs: DAY_MS, kind: "fixed" },
];

const drafting =
  (random: RandomSource) =>
  (request: IssueRequest): KeyDraft => {
    const { name, access, organizationId, propagationMs } = request;
    if (!isPictifyType(access) && access !== "admin") {
      throw new RangeError(`Pictify has no key type "${access}": choose one of ${PICTIFY_TYPES.join(", ")}, admin.`);
    }
    return {
      ...newKey(random, name, access, organizationId),
      ...(propagationMs === undefined ? {} : { propagationMs }),
    };
  };

/** A Pictify of its own, with one team and its admin-level key. Defaults: see the options' types. */
export const createPictify = (options: PictifyOptions): VendorSimulator => {
  const switches = { ...PICTIFY_DEFAULTS, ...options.switches };
  checkPageForm(switches);
  const random = options.random ?? cryptoRandom;
  const limits = limitsOf(options);
  const answers = pictifyAnswers(switches);
  const parts = buildParts(options, {
    dialect: answers,
    windows: windowsOf(limits),
    propagationMs: PROPAGATION_MS,
    rateLimitHeaders: true,
    refusedCallsAreUse: switches.refusedCallsAreUse,
    verificationsAreUse: switches.verificationsAreUse,
    revokedKeysListed: true,
  });
  const { maxNameLength = LONGEST_NAME, testRendersPerDay = TEST_RENDERS_PER_DAY } = options;
  const memory = new IdempotencyMemory(options.clock, options.idempotencyMs ?? DAY_MS);
  const keys: Keys = { store: parts.store, switches, answers, random, limits, memory, maxNameLength };
  const mounted = [...keyRoutes(keys), imageRoute(answers, random, testRendersPerDay)];
  const elsewhere: Route = { operation: "other", permits: () => true, work: (call) => answers.notFound(call.path) };
  const app = buildServer(parts, mounted, elsewhere);
  return assembleSimulator({
    vendor: "pictify",
    parts,
    app,
    adminAccess: "admin",
    adminKeyInUse: options.adminKeyInUse,
    draft: drafting(random),
  });
};
