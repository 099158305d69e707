import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { preparePythonEnvironment } from "../../sandbox/aws/python-environment.ts";
import { temporaryFolder } from "../constructs/temporary-folder.ts";
import { type RunningCommand, SANDBOX, startCommand } from "../demo/command.ts";

/** The first start makes a virtual environment. */
export const START_TIMEOUT_MS = 600_000;

/** `npm run sandbox`, started in a folder of its own. */
export interface SandboxProcess {
  readonly command: RunningCommand;
  /** Its state folder. */
  readonly stateFolder: string;
  /** What it wrote for programs to find it. */
  readonly variables: Readonly<Record<string, string>>;
  /** Ctrl-C, and waits until it has ended. */
  stop(): Promise<void>;
}

/** A folder to start the sandbox in, where its Python need not be installed once more. */
export const sandboxFolder = async (): Promise<string> => {
  const { folder } = await preparePythonEnvironment();
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, ".sandbox"));
  symlinkSync(folder, join(cwd, ".sandbox", "venv"));
  return cwd;
};

export const startSandboxProcess = async (env: Readonly<Record<string, string>> = {}): Promise<SandboxProcess> => {
  const cwd = await sandboxFolder();
  const command = startCommand(SANDBOX, [], { cwd, env });
  await command.says("Ready.");
  const stateFolder = join(cwd, ".sandbox");
  return {
    command,
    stateFolder,
    variables: JSON.parse(readFileSync(join(stateFolder, "env.json"), "utf8")),
    async stop() {
      command.interrupt();
      await command.ended;
    },
  };
};

export const environmentFilesIn = (stateFolder: string): readonly string[] =>
  ["env", "env.json"].filter((name) => existsSync(join(stateFolder, name)));
