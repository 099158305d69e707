import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { systemClock } from "../../lambdas/clock.ts";
import { type Delays, SHORT_DELAYS, VENDOR_DELAYS } from "../delays.ts";
import { STATE_FOLDER } from "../environment-files.ts";
import { checkPrerequisites, describeMissing } from "../prerequisites.ts";
import { quietSdk } from "../quiet-sdk.ts";
import { stopSignal } from "../stop-signal.ts";
import { usesForeignVendors } from "../vendor-stand.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { createDeployedStage } from "./deployed-stage.ts";
import { createInProcessStage } from "./in-process-stage.ts";
import { keptText } from "./play.ts";
import { putAway, type RunOptions, run } from "./run.ts";
import type { Stage } from "./stage.ts";
import { createView, type View } from "./view.ts";

/*
 * npm run demo: the life of three managed keys, from their declaration to their destruction.
 * Exit codes: 0 all of it held; 1 it did not; 2 it could not be started; 130 it was stopped.
 */
interface Options {
  readonly deploy?: boolean;
  readonly inProcess?: boolean;
  readonly keep?: boolean;
  readonly json?: boolean;
  readonly shortDelays?: boolean;
}

const readOptions = (): Options =>
  new Command("npm run demo --")
    .description(
      "Declares three API keys, deploys, uses, rotates, retires and destroys them, and checks every promise.",
    )
    .option("--deploy", "insist on the real deploy (Terraform and Python must be there)")
    .option("--in-process", "run it with Node alone, on a clock that it may move")
    .option("--keep", "stop before the destruction, and leave it running until Ctrl-C")
    .option("--json", "print only a JSON summary to stdout, everything else to stderr")
    .option("--short-delays", "short delays with vendor servers of your own, too")
    .addHelpText(
      "after",
      `
To run it against vendor servers of your own, set PICTOGRAPH_URL, PICTOGRAPH_ADMIN_KEY, PICTOGRAPH_ORGANIZATION_ID,
PICTIFY_URL and PICTIFY_ADMIN_KEY. Their default delays hold then (about 15 minutes), or the sandbox's with --short-delays.

Exit codes: 0 all of it held, 1 it did not, 2 it could not be started, 130 it was stopped.`,
    )
    .parse()
    .opts<Options>();

class CannotStart extends Error {}

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
    mode: `in process, as for the real deploy ${missing.map(({ name }) => name).join(" and ")} is missing`,
  };
};

interface Setting {
  readonly inProcess: boolean;
  readonly delays: Delays;
  /** One that may be moved, in process with vendors that are simulated; the wall clock else. */
  readonly clock: VirtualClock | undefined;
}

const settingFor = (options: Options, inProcess: boolean): Setting => {
  const foreign = usesForeignVendors(process.env);
  return {
    inProcess,
    delays: foreign && !options.shortDelays ? VENDOR_DELAYS : SHORT_DELAYS,
    clock: inProcess && !foreign ? new VirtualClock(Date.now()) : undefined,
  };
};

const createStage = async ({ inProcess, delays, clock }: Setting, view: View): Promise<Stage> => {
  await mkdir(STATE_FOLDER, { recursive: true });
  const folder = await mkdtemp(join(STATE_FOLDER, "run-"));
  const common = { folder, environment: process.env, delays };
  if (inProcess) return createInProcessStage({ ...common, clock: clock ?? systemClock });
  return createDeployedStage({ ...common, onProgress: view.waiting, onNote: view.line });
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
  const view = createView({ stream, elapsedMs: () => clock.now() - startedAtMs });
  say(`Keyturn's demo: ${mode}.`);
  const stage = await createStage(setting, view);
  stop.onStop(() => putAway(stage));
  const untilStopped = () => {
    say(keptText(join(stage.folder, "env")));
    return stop.stopped;
  };
  const onClock: RunOptions["onClock"] = (work) => (setting.clock ? setting.clock.run(work) : work);
  const summary = await run({ stage, view, keep: options.keep ?? false, onClock, mode, untilStopped });
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  return summary.ok ? 0 : 1;
};

try {
  process.exitCode = await main();
} catch (error) {
  const message = error instanceof Error ? error.message : "unknown";
  process.stderr.write(`\n${error instanceof CannotStart ? message : `The demo failed: ${message}`}\n`);
  process.exitCode = error instanceof CannotStart ? 2 : 1;
}
