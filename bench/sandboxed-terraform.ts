import { spawn } from "node:child_process";
import { App } from "cdktf";
import { SHORT_DELAYS } from "../sandbox/delays.ts";
import { childEnvironment, prepareTools } from "../sandbox/demo/deployed-stage.ts";
import { startSandbox } from "../sandbox/sandbox.ts";
import { childrenOf, memoryOf } from "../test/provider/child-processes.ts";
import { declareManyKeys } from "./many-keys.ts";

/** What a run of Terraform took: processor time is that of Terraform and its providers together. */
export interface TerraformRun {
  readonly durationMs: number;
  /** The most memory that Terraform, and its providers together, were seen to hold. */
  readonly terraformBytes: number;
  readonly providerBytes: number;
  readonly output: string;
}

export interface ManyKeysWorkspace {
  /** The synthesized stack. */
  readonly stackFolder: string;
  /** @throws Error with the end of what it printed */
  terraform(...args: readonly string[]): Promise<TerraformRun>;
}

const LOOK_MS = 200;

const runTerraform = async (cwd: string, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<TerraformRun> => {
  const startedMs = performance.now();
  const child = spawn(env.TERRAFORM_BINARY_NAME ?? "terraform", [...args], { cwd, env });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => printed.push(part));
  let [terraformBytes, providerBytes] = [0, 0];
  const look = async () => {
    terraformBytes = Math.max(terraformBytes, await memoryOf(child.pid ?? 0));
    const each = await Promise.all((await childrenOf(child)).map(memoryOf));
    providerBytes = Math.max(
      providerBytes,
      each.reduce((total, one) => total + one, 0),
    );
  };
  const looking = setInterval(() => void look().catch(() => {}), LOOK_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => clearInterval(looking));
  const output = Buffer.concat(printed).toString();
  if (code !== 0) throw new Error(`terraform ${args[0]} ended with ${code}: ${output.slice(-3_000)}`);
  return { durationMs: performance.now() - startedMs, terraformBytes, providerBytes, output };
};

/**
 * Lends a stack of many keys, synthesized for the sandbox, with the sandbox up and Terraform initialized in it.
 * @param folder where all of it lies
 */
export const withManyKeys = async <Result>(
  { folder, keys, onProgress }: { folder: string; keys: number; onProgress: (text: string) => void },
  work: (workspace: ManyKeysWorkspace) => Promise<Result>,
): Promise<Result> => {
  const { terraform, pythonEnvironment } = await prepareTools({ folder, onProgress, onNote: onProgress });
  const sandbox = await startSandbox({
    stateFolder: folder,
    environment: {},
    delays: SHORT_DELAYS,
    plans: { pictograph: "enterprise", pictify: "enterprise" },
    pythonEnvironment,
    onProgress,
  });
  try {
    const env = childEnvironment(terraform, sandbox, SHORT_DELAYS);
    const { pictify, pictograph } = sandbox.vendors;
    const app = new App({ outdir: `${folder}/cdktf.out` });
    const places = {
      pictify: pictify.url,
      pictograph: pictograph.url,
      organizationId: pictograph.organizationId ?? "",
    };
    declareManyKeys(app, { keys, places, targets: false });
    app.synth();
    const stackFolder = `${folder}/cdktf.out/stacks/many-keys`;
    const run = (...args: readonly string[]) => runTerraform(stackFolder, env, args);
    await run("init", "-input=false", "-no-color");
    return await work({ stackFolder, terraform: run });
  } finally {
    await sandbox.close();
  }
};
