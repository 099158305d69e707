/*
 * Pictograph, as a client sees it: https://api.pictograph.io on a server of our own.
 *
 * Written from, and graded so in the comments:
 *   S  the vendor's page on authentication and API keys: base path, X-API-Key, list, create and revoke keys, roles and matrix, key
 *      format, one-time display, immediate revocation, 401/403/429 and the nested error body;
 *   P  its further public documentation: the fields of a key, expiry, admins managing keys, limit and offset, requests per sliding
 *      hour, X-RateLimit headers, the flat error body, `full_key` and base64 values of the newer page;
 *   I  our inference: get and update over HTTP, what exactly each answer contains beyond that, codes of errors, statuses of success.
 * P and I stand behind `PictographSwitches` and are on by default; PICTOGRAPH_SEEDS_ONLY turns them off. What other vendors do, and
 * this one may (I), is off by default: other sizes of pages, flags that tell of further ones or lie, other forms of last use, words of a list's own for a role, ids under
 * other names or missing from the create answer, verifications that are no use, a reporting that is coarse or stands still, an
 * organization that is not looked at.
 *
 * Left out: the dashboard, members and their sessions, usage per day, alerts, what datasets contain (see pictograph-resources.ts),
 * a quota of uploads, IP limits on unauthenticated calls. Paths are taken to the letter: a missing or extra slash is a 404.
 */
import { assembleSimulator, buildParts, buildServer } from "./assembly.ts";
import type { Route } from "./call-handling.ts";
import type { KeyDraft } from "./key-store.ts";
import { checkPageForm } from "./paging.ts";
import { pictographAnswers } from "./pictograph-answers.ts";
import { type Keys, keyRoutes, newIdentity } from "./pictograph-key-routes.ts";
import {
  isPictographRole,
  PICTOGRAPH_DEFAULTS,
  PICTOGRAPH_ROLES,
  type PictographOptions,
  REQUESTS_PER_HOUR,
} from "./pictograph-options.ts";
import { resourceRoutes } from "./pictograph-resources.ts";
import { cryptoRandom, randomUuid } from "./random-source.ts";
import type { IssueRequest, VendorSimulator } from "./simulator.ts";

const HOUR_MS = 3_600_000;
const PROPAGATION_MS = 5_000;
const LONGEST_NAME = 255;

const drafting =
  (keys: Pick<Keys, "switches" | "random">, ownOrganizationId: string) =>
  (request: IssueRequest): KeyDraft => {
    const { name, access, organizationId = ownOrganizationId, propagationMs } = request;
    if (!isPictographRole(access)) {
      throw new RangeError(`Pictograph has no role "${access}": choose one of ${PICTOGRAPH_ROLES.join(", ")}.`);
    }
    const pace = propagationMs === undefined ? {} : { propagationMs };
    return { ...newIdentity(keys), name, access, organizationId, expiresAtMs: null, ...pace };
  };

/** A Pictograph of its own, with one organization and its owner key. Defaults: see the options' types. */
export const createPictograph = (options: PictographOptions): VendorSimulator => {
  const switches = { ...PICTOGRAPH_DEFAULTS, ...options.switches };
  checkPageForm(switches);
  const random = options.random ?? cryptoRandom;
  const organizationId = options.organizationId ?? randomUuid(random);
  const requestsPerHour = options.rateLimit?.requestsPerHour ?? REQUESTS_PER_HOUR[options.plan ?? "pro"];
  const answers = pictographAnswers(switches);
  const parts = buildParts(options, {
    dialect: answers,
    windows: [{ limit: requestsPerHour, durationMs: HOUR_MS, kind: "sliding" }],
    propagationMs: PROPAGATION_MS,
    rateLimitHeaders: switches.rateLimitHeaders,
    refusedCallsAreUse: switches.refusedCallsAreUse,
    verificationsAreUse: switches.verificationsAreUse,
    revokedKeysListed: switches.revokedKeysListed,
  });
  const { keyLimit = Number.POSITIVE_INFINITY, maxNameLength = LONGEST_NAME } = options;
  const keys: Keys = { store: parts.store, switches, answers, random, requestsPerHour, keyLimit, maxNameLength };
  const elsewhere: Route = { operation: "other", permits: () => true, work: () => answers.notFound("Not found") };
  const app = buildServer(parts, [...keyRoutes(keys), ...resourceRoutes(answers, random)], elsewhere);
  const draft = drafting(keys, organizationId);
  return assembleSimulator({
    vendor: "pictograph",
    parts,
    app,
    adminAccess: "owner",
    adminKeyInUse: options.adminKeyInUse,
    organizationId,
    draft,
  });
};
