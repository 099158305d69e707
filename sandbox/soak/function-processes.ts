import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { FUNCTION_NAMES, type FunctionName, functionName } from "../../constructs/functions.ts";
import type { FunctionProcess } from "./stage.ts";

const run = promisify(execFile);

/** The function that a process runs: the stand-in for Lambda starts each from a folder with the function's name. */
const roleIn = (command: string, service: string): FunctionName | undefined =>
  FUNCTION_NAMES.find((name) => command.includes(`/ministack-lambda-${functionName(service, name)}-`));

const LINE = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/;

/**
 * The processes of a service's functions among those that `ps` prints as "pid ppid stat args".
 * @param hostId the stand-in's process, their parent
 */
export const functionProcessesIn = (printed: string, hostId: number, service: string): readonly FunctionProcess[] =>
  printed.split("\n").flatMap((line) => {
    const [, processId, parentId, state = "", command = ""] = LINE.exec(line) ?? [];
    const role = roleIn(command, service);
    const isChild = Number(parentId) === hostId && !state.startsWith("Z");
    return isChild && role ? [{ processId: Number(processId), role }] : [];
  });

const MAX_OUTPUT = 16 * 1024 * 1024;

/** @throws Error when there is no `ps` */
const byPs = async (hostId: number, service: string): Promise<readonly FunctionProcess[]> => {
  const { stdout } = await run("ps", ["-A", "-ww", "-o", "pid=,ppid=,stat=,args="], { maxBuffer: MAX_OUTPUT });
  return functionProcessesIn(stdout, hostId, service);
};

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended meanwhile
  }
};

/** A process that was killed and not yet noticed by its parent has no command any more. */
const inProc = (hostId: number, service: string): readonly FunctionProcess[] =>
  readdirSync(`/proc/${hostId}/task`)
    .flatMap((thread) => read(`/proc/${hostId}/task/${thread}/children`).split(" "))
    .filter((child) => child.trim() !== "")
    .flatMap((child) => {
      const role = roleIn(read(`/proc/${Number(child)}/cmdline`), service);
      return role ? [{ processId: Number(child), role }] : [];
    });

/**
 * The processes of a service's functions. On Linux they are read from /proc in a millisecond: a step lasts not much longer than
 * `ps` takes to start.
 * @param hostId the stand-in's process, their parent
 */
export const listFunctionProcesses = async (hostId: number, service: string): Promise<readonly FunctionProcess[]> =>
  process.platform === "linux" ? inProc(hostId, service) : byPs(hostId, service);

/** Ends a process with SIGKILL. @returns false when it had ended before */
export const killProcess = (processId: number): boolean => {
  try {
    process.kill(processId, "SIGKILL");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
};
