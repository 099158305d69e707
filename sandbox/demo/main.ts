import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { systemClock } from "../../lambdas/clock.ts";
import { CANNOT_START, CannotStart, exitOnBadOptions } from "../command-line.ts";
import { SHORT_DELAYS, VENDOR_DELAYS } from "../delays.ts";
import { STATE_FOLDER } from "../environment-files.ts";
import { checkPrerequisites, describeMissing } from "../prerequisites.ts";
import { quietSdk } from "../quiet-sdk.ts";
import { type StopSignal, stopSignal } from "../stop-signal.ts";
import { usesForeignVendors } from "../vendor-stand.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { createStage, type Setting } from "./create-stage.ts";
import { keptText } from "./kept-text.ts";
import { putAway, type RunOptions, run } from "./run.ts";
import type { Stage } from "./stage.ts";
import type { Summary } from "./summary.ts";
import { createView } from "./view.ts";

/*
 * npm run demo: the life of a few managed keys, from their declaration to their destruction.
 * Exit codes: 0 all of it held; 1 it did not; 2 it could not be started; 130 it was stopped.
 */
interface Options {
  readonly deploy?: boolean;
  readonly inProcess?: boolean;
  readonly keep?: boolean;
  readonly json?: boolean;
  readonly shortDelays?: boolean;
  /** False: a cluster is not even looked for. */
  readonly kubernetes: boolean;
}

const readOptions = (): Options =>
  new Command("npm run demo --")
    .description(
      "Declares API keys, deploys, uses, rotates, retires, changes, heals and destroys them, and checks every promise.",
    )
    .option("--deploy", "insist on the real deploy (Terraform and Python must be there)")
    .option("--in-process", "run it with Node alone, on a clock that it may move")
    .option("--keep", "stop before the destruction, and leave it running until Ctrl-C")
    .option("--json", "print only a JSON summary to stdout, everything else to stderr")
    .option("--short-delays", "short delays with vendor servers of your own, too")
    .option("--no-kubernetes", "leave out the act in a cluster, for which it would build a Kubernetes API server")
    .addHelpText(
      "after",
      `
To run it against vendor servers of your own, set PICTOGRAPH_URL, PICTOGRAPH_ADMIN_KEY, PICTOGRAPH_ORGANIZATION_ID,
PICTIFY_URL and PICTIFY_ADMIN_KEY. Their default delays hold then (about 15 minutes), or the sandbox's with --short-delays.

Exit codes: 0 all of it held, 1 it did not, 2 it could not be started, 130 it was stopped.`,
    )
    .exitOverride(exitOnBadOptions)
    .parse()
    .opts<Options>();

const KEEP_ALIVE_MS = 60_000;

/** Whether it can be the real deploy; where it cannot, why. @throws CannotStart when it was insisted on */
const chooseMode = async (
  options: Options,
  say: (text: string) => void,
): Promise<{ inProcess: boolean; mode: string }> => {
  if (options.deploy && options.inProcess) throw new CannotStart("--deploy and --in-process exclude each other");
  if (options.inProcess) return { inProcess: true, mode: "in process" };
  const missing = await checkPrerequisites({ stateFolder: STATE_FOLDER });
  if (missing.length === 0) return { inProcess: false, mode: "real deploy" };
  const text = describeMissing(missing);
  if (options.deploy || missing.some(({ name }) => name === "Node.js"))
    throw new CannotStart(`what the deploy needs is missing:\n${text}`);
  say(`For the real deploy something is missing:\n${text}\nSo it runs in process (--in-process).`);
  return {
    inProcess: true,
    mode: `in process, as for the real deploy this is missing: ${missing.map(({ name }) => name).join(", ")}`,
  };
};

const settingFor = (options: Options, inProcess: boolean): Setting => {
  const foreign = usesForeignVendors(process.env);
  return {
    inProcess,
    withCluster: options.kubernetes,
    delays: foreign && !options.shortDelays ? VENDOR_DELAYS : SHORT_DELAYS,
    clock: inProcess && !foreign ? new VirtualClock(Date.now()) : undefined,
  };
};

/** A run that ends because it is stopped has nothing more to say: the signal's own work ends the process. */
const unlessStopping = async <Result>(stop: StopSignal, work: Promise<Result>): Promise<Result> => {
  await work.catch(() => {});
  return stop.isStopping() ? new Promise(() => {}) : work;
};

/** Closes the stage. What the run wrote is removed when all of it held. @returns the exit code */
const conclude = async (stage: Stage, say: (text: string) => void, whole: Promise<Summary>): Promise<number> => {
  const held = await whole.then(
    ({ ok }) => ok,
    () => false,
  );
  await (held ? stage.close() : putAway(stage, say));
  if (held) await rm(stage.folder, { recursive: true, force: true });
  else say(`what the run wrote is in ${stage.folder}, until the next run`);
  return (await whole).ok ? 0 : 1;
};

const main = async (): Promise<number> => {
  quietSdk();
  const options = readOptions();
  const stop = stopSignal();
  const stream = options.json ? process.stderr : process.stdout;
  const say = (text: string) => void stream.write(`${text}\n`);
  const { inProcess, mode } = await chooseMode(options, say);
  const setting = settingFor(options, inProcess);
  const { clock = systemClock } = setting;
  const startedAtMs = clock.now();
  const view = createView({ stream, elapsedMs: () => clock.now() - startedAtMs, isOver: stop.isStopping });
  say(`Keyturn's demo: ${mode}.`);
  const stage = await unlessStopping(stop, createStage(setting, view, stop));
  stop.onStop(() => putAway(stage, say));
  const untilStopped = () => {
    const { cluster, folder } = stage;
    say(keptText({ cluster, ...(inProcess ? {} : { environmentFile: join(folder, "env") }) }));
    const alive = setInterval(() => {}, KEEP_ALIVE_MS); // in process nothing else keeps Node from ending
    return stop.stopped.finally(() => clearInterval(alive));
  };
  const onClock: RunOptions["onClock"] = (work) => (setting.clock ? setting.clock.run(work) : work);
  const onSummary: RunOptions["onSummary"] = (summary) => {
    if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  };
  const { keep = false } = options;
  const whole = run({ stage, view, keep, onClock, mode, onSummary, untilStopped });
  return conclude(stage, say, unlessStopping(stop, whole));
};

try {
  process.exitCode = await main();
} catch (error) {
  const message = error instanceof Error ? error.message : "unknown";
  process.stderr.write(`\n${error instanceof CannotStart ? message : `The demo failed: ${message}`}\n`);
  process.exitCode = error instanceof CannotStart ? CANNOT_START : 1;
}
