import { durationText } from "../lambdas/contracts/duration.ts";

/** Every delay of the sandbox's service and vendors, in milliseconds. */
export interface Delays {
  readonly overlapMs: number;
  readonly quietMs: number;
  readonly propagationMs: { readonly pictograph: number; readonly pictify: number };
  readonly reportingMs: number;
  readonly skewMs: number;
}

/** Short enough to watch. */
export const SHORT_DELAYS: Delays = {
  overlapMs: 30_000,
  quietMs: 5_000,
  propagationMs: { pictograph: 3_000, pictify: 3_000 },
  reportingMs: 5_000,
  skewMs: 1_000,
};

/** For vendors that keep their own time: what they document, and the defaults of a vendor connection. */
export const VENDOR_DELAYS: Delays = {
  overlapMs: 30_000,
  quietMs: 5_000,
  propagationMs: { pictograph: 5_000, pictify: 30_000 },
  reportingMs: 300_000,
  skewMs: 300_000,
};

/** The variables by which the sandbox stack is told its delays. */
export const delayVariables = (delays: Delays): Record<string, string> => ({
  KEYTURN_OVERLAP: durationText(delays.overlapMs),
  KEYTURN_QUIET: durationText(delays.quietMs),
  PICTOGRAPH_PROPAGATION: durationText(delays.propagationMs.pictograph),
  PICTOGRAPH_REPORTING_DELAY: durationText(delays.reportingMs),
  PICTOGRAPH_SKEW: durationText(delays.skewMs),
  PICTIFY_PROPAGATION: durationText(delays.propagationMs.pictify),
  PICTIFY_REPORTING_DELAY: durationText(delays.reportingMs),
  PICTIFY_SKEW: durationText(delays.skewMs),
});

/** How long after its last use a key counts as quiet. */
export const restMs = ({ quietMs, reportingMs, skewMs }: Delays): number => quietMs + reportingMs + skewMs;
