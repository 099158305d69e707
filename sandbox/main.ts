import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { CANNOT_START, CannotStart, exitOnBadOptions } from "./command-line.ts";
import { SHORT_DELAYS, VENDOR_DELAYS } from "./delays.ts";
import { removeEnvironmentFiles, STATE_FOLDER, shellExports } from "./environment-files.ts";
import { checkPrerequisites, describeMissing } from "./prerequisites.ts";
import { quietSdk } from "./quiet-sdk.ts";
import { startSandbox } from "./sandbox.ts";
import { stopSignal } from "./stop-signal.ts";
import { usesForeignVendors } from "./vendor-stand.ts";

/*
 * npm run sandbox: Secrets Manager, the rest of AWS and both vendors on loopback, until Ctrl-C. Deploys nothing.
 * Exit codes: 1 it failed, 2 it could not be started, 130 it was stopped.
 */
const HELP = `
Writes ${STATE_FOLDER}/env (shell exports) and ${STATE_FOLDER}/env.json, readable by you alone. In another shell:
  . ${STATE_FOLDER}/env
  aws secretsmanager list-secrets
  curl "$PICTIFY_URL/api-keys" -H "Authorization: Bearer $PICTIFY_ADMIN_KEY"

To use vendor servers of your own, set PICTOGRAPH_URL, PICTOGRAPH_ADMIN_KEY, PICTOGRAPH_ORGANIZATION_ID, PICTIFY_URL and
PICTIFY_ADMIN_KEY.`;

const readOptions = (): { shortDelays?: boolean } =>
  new Command("npm run sandbox --")
    .description("Starts the sandbox alone and stays until it is stopped.")
    .option("--short-delays", "short delays with vendor servers of your own, too")
    .addHelpText("after", HELP)
    .exitOverride(exitOnBadOptions)
    .parse()
    .opts();

/** @throws CannotStart when another sandbox runs from this folder */
const checkAlone = async (): Promise<void> => {
  let running: string | undefined;
  try {
    const variables = JSON.parse(await readFile(join(STATE_FOLDER, "env.json"), "utf8"));
    running = variables.AWS_ENDPOINT_URL;
    const answer = await fetch(`${running}/_ministack/health`);
    if (!answer.ok) return; // by now, somebody else listens there
  } catch {
    return; // there is no such file, or nobody answers where it says
  }
  throw new CannotStart(`a sandbox runs from this folder already, at ${running}; stop it first`);
};

/** What is printed: an admin key of a vendor of one's own is in the file alone. */
const shown = (variables: Readonly<Record<string, string>>, foreign: boolean): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      foreign && name.endsWith("_ADMIN_KEY") ? "(as you set it)" : value,
    ]),
  );

const main = async (): Promise<void> => {
  quietSdk();
  const options = readOptions();
  const stop = stopSignal();
  const missing = (await checkPrerequisites({ stateFolder: STATE_FOLDER })).filter(
    ({ name }) => !name.startsWith("Terraform"),
  );
  if (missing.length > 0) throw new CannotStart(`what the sandbox needs is missing:\n${describeMissing(missing)}`);
  await checkAlone();
  const foreign = usesForeignVendors(process.env);
  stop.onStop(() => removeEnvironmentFiles(STATE_FOLDER));
  const sandbox = await startSandbox({
    stateFolder: STATE_FOLDER,
    environment: process.env,
    delays: foreign && !options.shortDelays ? VENDOR_DELAYS : SHORT_DELAYS,
    onProgress: (text) => process.stderr.write(`${text}\n`),
    onStep: ({ secretArn, step, error }) => process.stderr.write(`${step} of ${secretArn}: ${error ?? "done"}\n`),
  });
  stop.onStop(() => sandbox.close());
  process.stdout.write(shellExports(shown(sandbox.environment, foreign)));
  process.stderr.write(
    `\nReady. In another shell:  . ${STATE_FOLDER}/env\nCtrl-C stops it. Its log: ${sandbox.logFile}\n`,
  );
  await Promise.race([stop.stopped, sandbox.ended]);
  if (stop.isStopping()) return new Promise(() => {}); // the signal's own work ends the process
  await sandbox.close();
  throw new Error(`the rest of AWS ended by itself; its log: ${sandbox.logFile}`);
};

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : "unknown error"}\n`);
  process.exitCode = error instanceof CannotStart ? CANNOT_START : 1;
}
