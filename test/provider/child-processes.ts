import { type ChildProcess, execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Ids of the processes that a process has started and that still run: under Terraform, its providers. */
export const childrenOf = async (parent: ChildProcess): Promise<readonly number[]> => {
  const { stdout } = await run("ps", ["-eo", "pid=,ppid="]);
  const pairs = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent.pid ? [pid] : []));
};

export const killChildren = async (parent: ChildProcess): Promise<void> => {
  for (const pid of await childrenOf(parent)) process.kill(pid, "SIGKILL");
};

export const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // there is no such process any more
  }
};

/** The memory that a process holds now, in bytes; 0 for one that has ended. */
export const memoryOf = async (pid: number): Promise<number> => {
  const { stdout } = await run("ps", ["-o", "rss=", "-p", String(pid)]).catch(() => ({ stdout: "0" }));
  return Number(stdout.trim()) * 1_024;
};
