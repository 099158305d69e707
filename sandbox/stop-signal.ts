/** Exit code of a process that Ctrl-C ended: 128 + SIGINT. */
const STOPPED = 130;

export interface StopSignal {
  /** Resolves at the first Ctrl-C (or SIGTERM). */
  readonly stopped: Promise<void>;
  isStopping(): boolean;
  /** What is to be put away before the process ends; the last one first. */
  onStop(putAway: () => Promise<void>): void;
}

/**
 * Ends the process on Ctrl-C or SIGTERM, after everything was put away. A second one ends it at once.
 */
export const stopSignal = (): StopSignal => {
  const tasks: (() => Promise<void>)[] = [];
  let tell: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    tell = resolve;
  });
  let stopping = false;
  const stop = async () => {
    if (stopping) process.exit(STOPPED);
    stopping = true;
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
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return { stopped, isStopping: () => stopping, onStop: (putAway) => void tasks.push(putAway) };
};
