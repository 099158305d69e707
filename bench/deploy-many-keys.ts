import { withFolder } from "./child-process.ts";
import { type ManyKeysWorkspace, withManyKeys } from "./sandboxed-terraform.ts";
import { megabytesText, secondsText } from "./texts.ts";

/*
 * Runs by itself: deploys a stack of many keys into the sandbox by the real Terraform and the real AWS provider, plans it again, and
 * destroys it. Not a row of the bench, as it takes minutes. Argument: how many keys.
 */
const keys = Number(process.argv[2] ?? 100);
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const QUIETLY = ["-input=false", "-no-color"];
const SUMMARY = /^(Plan:|No changes|Apply complete|Destroy complete)/;
/** On a busy machine the sandbox's servers may not answer in time. Terraform's way then is to apply again. */
const MOST_TRIES = 3;

const runOnce = async ({ terraform }: ManyKeysWorkspace, command: string, args: readonly string[]): Promise<void> => {
  const { durationMs, terraformBytes, providerBytes, output } = await terraform(command, ...QUIETLY, ...args);
  const memory = `Terraform ${megabytesText(terraformBytes)}, providers ${megabytesText(providerBytes)}`;
  const summary = output.split("\n").findLast((line) => SUMMARY.test(line));
  console.log(`${keys} keys, terraform ${command}: ${secondsText(durationMs)}, ${memory}. ${summary ?? ""}`);
};

const runPatiently = async (workspace: ManyKeysWorkspace, command: string, args: readonly string[]): Promise<void> => {
  for (let tries = 1; ; tries++)
    try {
      return await runOnce(workspace, command, args);
    } catch (error) {
      if (tries >= MOST_TRIES) throw error;
      say(error instanceof Error ? error.message : `terraform ${command} failed`);
    }
};

await withFolder((folder) =>
  withManyKeys({ folder, keys, onProgress: say }, async (workspace) => {
    await runOnce(workspace, "plan", []);
    await runPatiently(workspace, "apply", ["-auto-approve"]);
    await runOnce(workspace, "plan", []);
    await runPatiently(workspace, "destroy", ["-auto-approve"]);
  }),
);
