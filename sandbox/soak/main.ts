import { mkdir, rm } from "node:fs/promises";
import { systemClock } from "../../lambdas/clock.ts";
import { makeOwnedFolder, removeAbandonedFolders } from "../aws/owned-folder.ts";
import { CANNOT_START, CannotStart, exitOnBadOptions } from "../command-line.ts";
import { createView, type View } from "../demo/view.ts";
import { STATE_FOLDER } from "../environment-files.ts";
import { checkPrerequisites, describeMissing } from "../prerequisites.ts";
import { quietSdk } from "../quiet-sdk.ts";
import { type StopSignal, stopSignal } from "../stop-signal.ts";
import { createDeployedSoak } from "./deployed-stage.ts";
import { type Options, optionsOf, soakCommand } from "./options.ts";
import { runSoak } from "./soak.ts";
import type { SoakStage } from "./stage.ts";
import { problemsOf, type Summary, summaryText } from "./summary.ts";

/*
 * npm run soak: many keys rotated again and again in the real sandbox, under load, while processes are killed.
 * Exit codes: 0 all of it held; 1 it did not; 2 it could not be started; 130 it was stopped.
 */

/** The folder that all of the run is written to. */
const makeFolder = async (stop: StopSignal): Promise<string> => {
  await mkdir(STATE_FOLDER, { recursive: true });
  await removeAbandonedFolders(STATE_FOLDER, "soak");
  const making = makeOwnedFolder(STATE_FOLDER, "soak");
  stop.onStop(async () => rm(await making, { recursive: true, force: true }));
  return making;
};

/** @throws CannotStart that says what is missing and how to get it */
const checkMachine = async (): Promise<void> => {
  const missing = await checkPrerequisites({ stateFolder: STATE_FOLDER });
  if (missing.length > 0) throw new CannotStart(`what the soak needs is missing:\n${describeMissing(missing)}`);
};

const tell = (view: View, summary: Summary, json: boolean): void => {
  view.title("Summary");
  view.plain(`${summaryText(summary)}\n`);
  for (const problem of problemsOf(summary)) view.plain(`PROBLEM: ${problem}`);
  view.plain(summary.ok ? "All of it held." : "It did not hold.");
  if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
};

/** Runs it on a stage, and closes that. What the run wrote is removed when all of it held. */
const runOn = async (stage: SoakStage, view: View, { json, ...options }: Options): Promise<number> => {
  let held = false;
  try {
    const summary = await runSoak({ stage, view, ...options });
    held = summary.ok;
    tell(view, summary, json);
  } finally {
    await stage.close();
    if (held) await rm(stage.folder, { recursive: true, force: true });
    else view.plain(`what the run wrote is in ${stage.folder}, until the next run`);
  }
  return held ? 0 : 1;
};

/** A run that ends because it is stopped has nothing more to say: the signal's own work ends the process. */
const unlessStopping = async <Result>(stop: StopSignal, work: Promise<Result>): Promise<Result> => {
  await work.catch(() => {});
  return stop.isStopping() ? new Promise(() => {}) : work;
};

const main = async (): Promise<number> => {
  quietSdk();
  const options = optionsOf(soakCommand().exitOverride(exitOnBadOptions).parse());
  const stop = stopSignal();
  await checkMachine();
  const startedAtMs = systemClock.now();
  const stream = options.json ? process.stderr : process.stdout;
  const view = createView({ stream, elapsedMs: () => systemClock.now() - startedAtMs, isOver: stop.isStopping });
  const { minutes, keys, seed } = options;
  view.plain(`Keyturn's soak: ${minutes} minutes, ${keys} keys, seed ${seed} (--seed ${seed} draws the same again).`);
  const folder = await makeFolder(stop);
  const stage = await unlessStopping(
    stop,
    createDeployedSoak({ folder, keys, onProgress: view.waiting, onNote: view.line }),
  );
  stop.onStop(() => stage.close());
  return unlessStopping(stop, runOn(stage, view, options));
};

try {
  process.exitCode = await main();
} catch (error) {
  const message = error instanceof Error ? error.message : "unknown";
  process.stderr.write(`\n${error instanceof CannotStart ? message : `The soak failed: ${message}`}\n`);
  process.exitCode = error instanceof CannotStart ? CANNOT_START : 1;
}
