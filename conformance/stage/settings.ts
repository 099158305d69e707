import { mintTimeout } from "../../constructs/functions.ts";
import { durationText } from "../../lambdas/contracts/duration.ts";

/*
 * The delays of the kit's service: as declared values may be, but shorter than most would declare, so that a life is short
 * too. How they stand to each other is what counts: the overlap is longer than the way to a workload that reads its secret
 * again in time, and shorter than to the slow one.
 */
const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const OVERLAP_MS = 20 * MINUTE_MS;
export const QUIET_MS = 5 * MINUTE_MS;
export const REPORTING_MS = 2 * MINUTE_MS;
export const SKEW_MS = MINUTE_MS;
export const DEADLINE_MS = DAY_MS;
export const RECONCILE_MS = 5 * MINUTE_MS;

/** How long a workload keeps a key that it has read. */
export const PROMPT_READER_MS = 7 * MINUTE_MS;
/** Longer than the overlap: only the evidence of its use keeps the old key alive for it. */
export const SLOW_READER_MS = 40 * MINUTE_MS;
export const WORKLOAD_CALL_MS = 3 * MINUTE_MS;

/** From a pod's start until it is ready, and from its deletion until it is gone: a rollout of two takes longer than the overlap. */
export const POD_READY_MS = 6 * MINUTE_MS;
export const POD_STOP_MS = 20 * MINUTE_MS;
/** How soon a pod that could not start is tried again. */
export const WAITING_RETRY_MS = MINUTE_MS;

/** How long a killed function stays away. The last is longer than the overlap and all that a retirement waits for. */
export const DOWNTIME_MS = { "at-once": 0, late: 12 * MINUTE_MS, "after-overlap": 70 * MINUTE_MS } as const;

/** How long there must be rest before a life counts as over. */
export const CALM_MS = 15 * MINUTE_MS;
/** A life that has no rest by then never will. */
export const LONGEST_LIFE_MS = 14 * HOUR_MS;

/** How many passes that do something a life may take to come to rest: docs/retirement.md, "How soon there is rest". */
export const LOOKS_TO_REST = 8;

/** Keys of each access that the vendor's plan allows: those that are there already, one, and the spare one of a rotation. */
export const SPARE_SLOTS = 2;

/** What reconcile may ask of a connection: it pays for what a retirement takes. */
export const REQUESTS_PER_DAY = 190;

export const SERVICE = "prod";

export const DELAYS = {
  mintTimeout: mintTimeout(),
  reconcileInterval: durationText(RECONCILE_MS),
  strayAge: "PT1H",
  stuckAge: "PT6H",
} as const;

export const CONNECTION_DELAYS = { reportingDelay: durationText(REPORTING_MS), skew: durationText(SKEW_MS) } as const;
