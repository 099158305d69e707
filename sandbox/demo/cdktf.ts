import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(import.meta.url);
const CLI = join(dirname(require.resolve("cdktf-cli/package.json")), "bundle", "bin", "cdktf");

export interface CommandOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Gets every line as it is printed, after what other commands left there. Nothing is on its way to it when a command has ended. */
  readonly logFile: string;
  /** Told every line that the command prints. */
  readonly onLine: (line: string) => void;
}

/** A command that failed. Its message has the end of what it printed. */
export class CommandFailed extends Error {
  /** All of it. */
  readonly output: string;

  constructor(message: string, output = "") {
    super(message);
    this.output = output;
  }
}

const LAST_LINES = 30;

/** Runs commands one after the other, and can end the one that runs. */
export interface CommandRunner {
  run(command: string, arguments_: readonly string[], options: CommandOptions): Promise<string>;
  stop(): Promise<void>;
}

const ENDING_MS = 10_000;

/** Signals a command and what it started: it leads a process group of its own. */
const signal = (child: ChildProcess, name: NodeJS.Signals): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};

const endCommand = async (child: ChildProcess, ended: Promise<void>): Promise<void> => {
  signal(child, "SIGINT");
  const timer = setTimeout(() => signal(child, "SIGKILL"), ENDING_MS);
  await ended;
  clearTimeout(timer);
  signal(child, "SIGKILL");
};

export const createCommandRunner = (): CommandRunner => {
  let running: { child: ChildProcess; ended: Promise<void> } | undefined;
  let stopped = false;
  return {
    async run(command, arguments_, { environment, logFile, onLine }) {
      if (stopped) throw new CommandFailed("it was stopped");
      appendFileSync(logFile, "");
      const child = spawn(command, arguments_, { env: environment, stdio: ["ignore", "pipe", "pipe"], detached: true });
      const lines: string[] = [];
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on("line", (line) => {
          lines.push(line);
          appendFileSync(logFile, `${line}\n`);
          onLine(line);
        });
      const code = new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
      });
      const ended = code.then(
        () => {},
        () => {},
      );
      running = { child, ended };
      const endWithUs = () => signal(child, "SIGKILL");
      process.once("exit", endWithUs);
      const exitCode = await code.finally(() => {
        process.off("exit", endWithUs);
        running = undefined;
      });
      if (exitCode === 0) return lines.join("\n");
      const shown = [command, ...arguments_].map((part) => part.split("/").at(-1)).join(" ");
      const end = lines.slice(-LAST_LINES).join("\n");
      throw new CommandFailed(`${shown} ended with ${exitCode ?? "a signal"}:\n${end}`, lines.join("\n"));
    },
    async stop() {
      stopped = true;
      if (running) await endCommand(running.child, running.ended);
    },
  };
};

export interface CdktfCall {
  readonly command: "synth" | "deploy" | "destroy";
  readonly stack: string;
  /** The command that synthesizes it. @default the project's own, of cdktf.json */
  readonly app?: string | undefined;
  /** Where it is synthesized to. */
  readonly output: string;
  /** Whether what lies there is the stack as it is declared now. */
  readonly isSynthesized: boolean;
}

/**
 * The arguments by which Node runs the cdktf CLI of this project. For its lock of providers it would ask Terraform's registry,
 * where Keyturn's provider is not.
 */
export const cdktfArguments = ({ command, stack, app, output, isSynthesized }: CdktfCall): string[] => [
  CLI,
  command,
  ...(command === "synth" ? [] : [stack, "--auto-approve", "--no-color", "--skip-provider-lock"]),
  ...(command !== "synth" && isSynthesized ? ["--skip-synth"] : []),
  ...(app === undefined ? [] : ["--app", app]),
  "--output",
  output,
];
