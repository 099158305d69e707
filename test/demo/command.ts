import { type ChildProcessByStdio, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { delimiter } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterFile } from "../setup/after-file.ts";

/*
 * The project's commands as child processes, in whatever folder. What `npm run` does before them (to build the bundles)
 * has been done when tests run, and is not repeated while other tests read the bundles.
 */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx/esm")).href;

const mainOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const DEMO = mainOf("sandbox/demo/main.ts");
export const SANDBOX = mainOf("sandbox/main.ts");
export const SOAK = mainOf("sandbox/soak/main.ts");
export const PROJECT = mainOf(".");

export interface CommandOptions {
  /** The folder that it is started in. */
  readonly cwd: string;
  /** Variables besides this process's own; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface EndedCommand {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  /** Stands in the PATH of the process and of everything that it starts: by it they are found, whoever their parent is. */
  readonly mark: string;
  readonly ended: Promise<EndedCommand>;
  /** What it has printed so far, on both streams. */
  printed(): string;
  /** Resolves when it has printed that. @throws Error when it ends without */
  says(text: string): Promise<void>;
  /** Ctrl-C, as a terminal sends it: to the process and all of its group. */
  interrupt(): void;
  kill(): void;
}

/** What would change a run of the demo, and is not for it, when it stands in the environment of whoever runs the tests. */
const NOT_OURS = /^(AWS_|PICT(OGRAPH|IFY)_|NODE_OPTIONS$|FORCE_COLOR$|NO_COLOR$)/;

const environmentFor = (mark: string, { env = {} }: CommandOptions): NodeJS.ProcessEnv => {
  const own = Object.entries(process.env).filter(([name]) => !NOT_OURS.test(name));
  const all = { ...Object.fromEntries(own), ...env };
  return { ...all, PATH: [all.PATH, mark].join(delimiter) };
};

/** What a child prints, piece by piece, and how it ended. */
const listenTo = (child: ChildProcessByStdio<null, Readable, Readable>) => {
  const output = { stdout: "", stderr: "", hasEnded: false };
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      tell();
    });
  const ended = new Promise<EndedCommand>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      output.hasEnded = true;
      tell();
      resolve({ code, stdout: output.stdout, stderr: output.stderr });
    });
  });
  return { output, listeners, ended };
};

export const startCommand = (main: string, arguments_: readonly string[], options: CommandOptions): RunningCommand => {
  const mark = `/keyturn-test-${randomUUID()}`;
  const child = spawn(process.execPath, ["--import", TSX, main, ...arguments_], {
    cwd: options.cwd,
    env: environmentFor(mark, options),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const { output, listeners, ended } = listenTo(child);
  const printed = () => `${output.stdout}${output.stderr}`;
  const signal = (name: NodeJS.Signals) => {
    if (child.pid !== undefined && !output.hasEnded) process.kill(-child.pid, name);
  };
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        const isThere = printed().includes(text);
        if (!isThere && !output.hasEnded) return;
        listeners.delete(look);
        if (isThere) resolve();
        else reject(new Error(`it ended without saying "${text}"; it printed:\n${printed()}`));
      };
      listeners.add(look);
      look();
    });
  const command = { mark, ended, printed, says, interrupt: () => signal("SIGINT"), kill: () => signal("SIGKILL") };
  afterFile(command.kill); // a test that gave up must not leave its commands running
  return command;
};

export const runCommand = (main: string, arguments_: readonly string[], options: CommandOptions) =>
  startCommand(main, arguments_, options).ended;
