import { drawFor } from "../draw.ts";
import { isQuiet } from "./census.ts";
import { conclude } from "./conclude.ts";
import { QUIET_LIMIT_MS } from "./delays.ts";
import { killProcesses, PASSES, STEPS_AND_ANY_TIME } from "./kill-processes.ts";
import { PROGRESS_MS, tellProgress, waitingText } from "./progress.ts";
import { censusOf, type Run, type SoakOptions } from "./run.ts";
import { setUp } from "./set-up.ts";
import { startRotations } from "./start-rotations.ts";
import { clockText, type Summary } from "./summary.ts";

const QUIET_POLL_MS = 5_000;

/** Rotations and kills for as long as was asked for. */
const storm = async (run: Run): Promise<void> => {
  const { stage, ledger, seed, minutes, kills } = run;
  const stopping = new AbortController();
  const { signal } = stopping;
  const onKill = ({ role }: { readonly role: string }): void => {
    kills[role] = (kills[role] ?? 0) + 1;
  };
  const work = Promise.all([
    startRotations(stage, ledger, drawFor(seed, "rotations"), signal),
    killProcesses(stage, drawFor(seed, "kills"), STEPS_AND_ANY_TIME, onKill, signal),
    killProcesses(stage, drawFor(seed, "kills of passes"), PASSES, onKill, signal),
    tellProgress(run, signal),
  ]);
  try {
    await Promise.race([stage.clock.sleep(minutes * 60_000, signal), work]);
  } finally {
    stopping.abort();
  }
  await work;
};

/** Waits until nothing is left to do. @returns how long that took; null when it did not come to rest */
const untilQuiet = async (run: Run): Promise<number | null> => {
  const { clock } = run.stage;
  const sinceMs = clock.now();
  for (let toldMs = sinceMs; ; await clock.sleep(QUIET_POLL_MS)) {
    const census = await censusOf(run);
    if (isQuiet(census) && run.ledger.underWay().length === 0) return clock.now() - sinceMs;
    if (clock.now() - sinceMs > QUIET_LIMIT_MS) return null;
    if (clock.now() - toldMs < PROGRESS_MS) continue;
    toldMs = clock.now();
    run.view.line(waitingText(run, census));
  }
};

/**
 * One whole soak: deploy, rotations and kills under load, the way to rest, the counts.
 * @throws Error when it cannot be deployed, or the workloads cannot start
 */
export const runSoak = async (options: SoakOptions): Promise<Summary> => {
  const run = await setUp(options);
  await storm(run);
  run.view.line(`${options.minutes} minutes are over: nothing more is started or killed`);
  const quietAfterMs = await untilQuiet(run);
  if (quietAfterMs !== null) run.view.line(`quiet after ${clockText(quietAfterMs)}`);
  return conclude(run, quietAfterMs);
};
