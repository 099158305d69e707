import type { Clock } from "../../lambdas/clock.ts";
import { redactedJson } from "../../lambdas/redacted.ts";

const LEVELS = ["trace", "debug", "info", "warn", "error"] as const;
export type Level = (typeof LEVELS)[number];
export type Log = (level: Level, message: string, facts?: Readonly<Record<string, unknown>>) => void;

/**
 * The least level that Terraform shows of its providers, by its environment (Terraform: "Debugging"). It reads every line of
 * a provider also when it shows none, which takes time.
 */
export const shownLevel = ({ TF_LOG_PROVIDER, TF_LOG }: NodeJS.ProcessEnv): Level => {
  const asked = (TF_LOG_PROVIDER || TF_LOG || "warn").toLowerCase();
  return LEVELS.find((level) => level === asked) ?? "trace"; // "json", and whatever else, is everything
};

/** hclog reads times with six digits after the second. */
const timestamp = (ms: number): string => new Date(ms).toISOString().replace("Z", "000Z");

export interface LogOptions {
  /** Gets one line, with its end. */
  readonly write: (line: string) => void;
  readonly clock: Clock;
  /** Lines below it are left out. */
  readonly least: Level;
}

/**
 * A log in the JSON of hashicorp/go-hclog, which Terraform takes over into its own (TF_LOG). Every line passes the one
 * redaction.
 */
export const createLog =
  ({ write, clock, least }: LogOptions): Log =>
  (level, message, facts = {}) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    const head = { "@level": level, "@message": message, "@module": "keyturn", "@timestamp": timestamp(clock.now()) };
    write(`${redactedJson({ ...head, ...facts })}\n`);
  };
