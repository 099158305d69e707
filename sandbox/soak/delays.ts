import type { Delays } from "../delays.ts";

/** A key of the soak is rotated every few minutes; everything else is in proportion. */
export const SOAK_DELAYS: Delays = {
  overlapMs: 60_000,
  quietMs: 5_000,
  propagationMs: { pictograph: 3_000, pictify: 3_000 },
  reportingMs: 5_000,
  skewMs: 1_000,
};

const SECOND_MS = 1_000;

/**
 * How soon Secrets Manager tries a rotation again. A value that was lost with its process is given up five minutes after its
 * key was minted, so that the retries must last longer than that.
 */
export const SOAK_RETRIES = {
  retryDelaysMs: [2, 5, 10, 20, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30].map((seconds) => seconds * SECOND_MS),
  reattemptEveryMs: 30 * SECOND_MS,
} as const;

/** A rotation is started after a time drawn between these. */
export const START_EVERY_MS = { from: 2_000, to: 5_000 } as const;

/** A process is killed after a time drawn between these, and at the moment that was drawn. */
export const KILL_EVERY_MS = { from: 4_000, to: 12_000 } as const;

/** The same for passes of reconcile, which come once a minute: some are killed, and some are not, or no old key would ever go. */
export const KILL_PASS_EVERY_MS = { from: 60_000, to: 180_000 } as const;

/** The time between two requests of a workload. */
export const CALL_EVERY_MS = 1_500;

/** A workload reads its secret again within the overlap, with some time to spare for the request that is under way. */
export const LONGEST_HOLD_MS = SOAK_DELAYS.overlapMs - 5_000;

/**
 * How long it may take to be quiet after the last start and the last kill: a lost value is given up after five minutes, its
 * rotation is tried again, the outgoing key has its overlap, and reconcile, which comes by every minute, calls with it in two passes, and
 * asks for its revocation in a third. A secret has labels for a few such trials at once: a dozen old keys of one take some twenty minutes. The rest is
 * for a busy machine.
 */
export const QUIET_LIMIT_MS = 30 * 60_000;
