import { join, resolve } from "node:path";
import { CommandFailed, type CommandRunner, cdktfArguments } from "./cdktf.ts";
import { SERVICE } from "./key-watch.ts";
import { plannedChanges } from "./planned-changes.ts";
import { readRbacManifest } from "./rbac-file.ts";
import { refusalsIn } from "./refusals.ts";
import type { DeployableStack, Destruction } from "./stage.ts";

export interface CdktfStackOptions {
  /** @default the sandbox's */
  readonly stack?: string;
  /** The command that synthesizes it. @default the project's own, of cdktf.json */
  readonly app?: string;
  readonly commands: CommandRunner;
  /** Where it is synthesized to, and where logs and state go. */
  readonly folder: string;
  /** All by which Terraform, the clients of AWS and the stack itself find what they need. */
  readonly environment: NodeJS.ProcessEnv;
  /** Told what is going on, often. */
  readonly onProgress: (text: string) => void;
}

/** "sandbox  aws_iam_role.x (Keyturn/rotate/Role): Creation complete after 0s": what the CLI prints of a resource. */
const PROGRESS =
  /(\w+)\.\S+ \((\S+)\): (Creating|Creation complete|Modifying|Modifications complete|Destroying|Destruction complete|Still \w+)/;

/** How many resources of each type a destroy has done away with. */
const goneIn = (output: string): Destruction["gone"] => {
  const gone: Record<string, number> = {};
  for (const line of output.split("\n")) {
    const [, type, , what] = PROGRESS.exec(line) ?? [];
    if (type && what === "Destruction complete") gone[type] = (gone[type] ?? 0) + 1;
  }
  return gone;
};

/** Reads the CLI's lines, and tells how far it is. */
const progressOf = (onProgress: (text: string) => void) => {
  let finished = 0;
  return (line: string): void => {
    const [, , path, what] = PROGRESS.exec(line) ?? [];
    if (what?.endsWith("complete")) finished++;
    if (path && what) onProgress(`${finished} resources done; ${what.toLowerCase()}: ${path}`);
  };
};

/** A stack under the real cdktf CLI and the real Terraform. */
export const cdktfStack = (options: CdktfStackOptions): DeployableStack => {
  const { stack = SERVICE, app, commands, folder, environment, onProgress } = options;
  const output = resolve(folder, "cdktf.out");
  const stackFolder = join(output, "stacks", stack);
  /** Terraform's log, its providers' included, at its most talkative: the search for leaks reads it. */
  const trace = { TF_LOG: "TRACE", TF_LOG_PATH: resolve(folder, "terraform-trace.log") };
  let declared: Readonly<Record<string, string>> = {};
  let isSynthesized = false;

  const cdktf = async (command: "synth" | "deploy" | "destroy", more: NodeJS.ProcessEnv = {}): Promise<string> => {
    onProgress(`starting cdktf ${command}`);
    const arguments_ = cdktfArguments({ command, stack, app, output, isSynthesized });
    const printed = await commands.run(process.execPath, arguments_, {
      environment: { ...environment, ...declared, ...more },
      logFile: join(folder, "cdktf.log"),
      onLine: progressOf(onProgress),
    });
    isSynthesized = true;
    return printed;
  };
  const synthesized = async (): Promise<void> => {
    if (!isSynthesized) await cdktf("synth");
  };
  const terraform = (...arguments_: string[]): Promise<string> =>
    commands.run(environment.TERRAFORM_BINARY_NAME ?? "terraform", [`-chdir=${stackFolder}`, ...arguments_], {
      environment: { ...environment, ...trace },
      logFile: join(folder, "terraform.log"),
      onLine: () => {},
    });

  return {
    declare(variables) {
      declared = { ...declared, ...variables };
      isSynthesized = false;
    },
    async rbacManifest() {
      await synthesized();
      return readRbacManifest(stackFolder);
    },
    async plan() {
      await synthesized();
      onProgress("planning");
      await terraform("plan", "-input=false", "-no-color", "-lock=false", "-out=next.tfplan");
      return plannedChanges(await terraform("show", "-json", "next.tfplan"));
    },
    async deploy() {
      await cdktf("deploy", trace);
    },
    async destroy() {
      try {
        return { refusals: [], gone: goneIn(await cdktf("destroy")) };
      } catch (error) {
        const printed = error instanceof CommandFailed ? error.output : "";
        const refusals = refusalsIn(printed);
        if (refusals.length === 0) throw error;
        return { refusals, gone: goneIn(printed) };
      }
    },
  };
};
