import { systemClock } from "../lambdas/clock.ts";

/** Exit code of a process that Ctrl-C ended: 128 + SIGINT. */
const STOPPED = 130;

/** npm passes a Ctrl-C on, which the terminal has sent to the process already: so soon after the first it is the same. */
const SAME_MS = 1_000;

export interface StopSignal {
  /** Resolves at the first Ctrl-C (or SIGTERM). */
  readonly stopped: Promise<void>;
  isStopping(): boolean;
  /** What is to be put away before the process ends; the last one first. */
  onStop(putAway: () => Promise<void>): void;
}

/**
 * Ends the process on Ctrl-C, SIGTERM or when its terminal is closed, after everything was put away. A second Ctrl-C ends
 * it at once.
 */
export const stopSignal = (): StopSignal => {
  const tasks: (() => Promise<void>)[] = [];
  let tell: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    tell = resolve;
  });
  let stoppingSinceMs: number | undefined;
  const stop = async () => {
    if (stoppingSinceMs !== undefined) {
      if (systemClock.now() - stoppingSinceMs > SAME_MS) process.exit(STOPPED);
      return;
    }
    stoppingSinceMs = systemClock.now();
    tell();
    process.stderr.write("\nstopping …\n");
    for (const putAway of tasks.reverse()) {
      try {
        await putAway();
      } catch (error) {
        process.stderr.write(`${error instanceof Error ? error.message : "could not be put away"}\n`);
      }
    }
    process.exit(STOPPED);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  return { stopped, isStopping: () => stoppingSinceMs !== undefined, onStop: (putAway) => void tasks.push(putAway) };
};
