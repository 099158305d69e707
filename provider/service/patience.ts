import type { Clock } from "../../lambdas/clock.ts";
import { durationText } from "../../lambdas/contracts/duration.ts";
import type { Log } from "../plugin/log.ts";
import { isPassing } from "./function-error.ts";

export interface PatienceOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when Terraform is told to stop. */
  readonly stopped: AbortSignal;
  readonly timeoutMs: number;
  /** For the log: "create of the key prod-webapp". */
  readonly what: string;
}

/** One try: either what was waited for, or why it is not there yet. */
export type Try<T> = { readonly done: T } | { readonly waitingFor: string };

/** Waiting ended before what was waited for came. */
export class NotFinished extends Error {
  readonly why: "stopped" | "timeout";
  readonly timeoutMs: number;

  constructor(why: "stopped" | "timeout", timeoutMs: number, lastSeen: string, options?: ErrorOptions) {
    super(lastSeen, options);
    this.name = "NotFinished";
    this.why = why;
    this.timeoutMs = timeoutMs;
  }
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

const pauseMs = (tries: number): number => Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);

const counter = () => {
  const counts = new Map<string, number>();
  return (code: string): number => {
    counts.set(code, (counts.get(code) ?? 0) + 1);
    return counts.get(code) ?? 0;
  };
};

const attempt = async <T>(
  ask: (signal: AbortSignal) => Promise<Try<T>>,
  signal: AbortSignal,
  met: (code: string) => number,
) => {
  try {
    return await ask(signal);
  } catch (error) {
    if (signal.aborted || isPassing(error, met)) return { waitingFor: (error as Error).message, cause: error };
    throw error;
  }
};

/**
 * Repeats a request until it is done, with growing pauses, through every failure that passes.
 * @param ask one try; gets a signal that aborts at the end of the time
 * @throws NotFinished when the time is over or Terraform is told to stop; whatever else the request throws
 */
export const untilDone = async <T>(
  ask: (signal: AbortSignal) => Promise<Try<T>>,
  { clock, log, stopped, timeoutMs, what }: PatienceOptions,
): Promise<T> => {
  const startedMs = clock.now();
  const deadline = new AbortController();
  void clock.sleep(timeoutMs, deadline.signal).then(() => deadline.abort());
  const signal = AbortSignal.any([stopped, deadline.signal]);
  const met = counter();
  try {
    for (let tries = 1; ; tries++) {
      const result = await attempt(ask, signal, met);
      if ("done" in result) return result.done;
      const options = "cause" in result ? { cause: result.cause } : {};
      const waitedMs = clock.now() - startedMs;
      if (signal.aborted || waitedMs + pauseMs(tries) > timeoutMs)
        throw new NotFinished(stopped.aborted ? "stopped" : "timeout", timeoutMs, result.waitingFor, options);
      log("info", `${what} goes on`, { waitingFor: result.waitingFor, waited: durationText(waitedMs), tries });
      await clock.sleep(pauseMs(tries), signal);
    }
  } finally {
    deadline.abort();
  }
};
