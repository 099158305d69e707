import type { Census } from "./census.ts";
import { censusOf, type Run, requestCounts } from "./run.ts";

/** How often a line says how it stands. */
export const PROGRESS_MS = 15_000;

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

const requestsText = (run: Run): string => {
  const { requests, failures } = requestCounts(run);
  return `${requests} requests, ${failures} failures`;
};

const progressText = (run: Run, { active, current }: Census): string => {
  const { started, startedByKeyturn, finished, diedIn } = run.ledger.counts();
  return [
    requestsText(run),
    `${started + startedByKeyturn} rotations, ${finished} finished`,
    `${total(run.kills)} kills, ${total(diedIn)} in a step`,
    `${active} keys, ${current} current`,
  ].join("; ");
};

/** Says how it stands until it is told to stop. */
export const tellProgress = async (run: Run, signal: AbortSignal): Promise<void> => {
  for (;;) {
    await run.stage.clock.sleep(PROGRESS_MS, signal);
    if (signal.aborted) return;
    run.view.line(progressText(run, await censusOf(run)));
  }
};

/** What is still waited for. */
export const waitingText = (run: Run, { leftOver, labels }: Census): string => {
  const underWay = run.ledger.underWay().length;
  return `until it is quiet: ${underWay} rotations, ${leftOver.length} old keys and ${labels.length} labels to go; ${requestsText(run)}`;
};
