import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A process that runs, and how it was called. */
export interface FoundProcess {
  readonly processId: number;
  readonly command: string;
}

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended meanwhile, or is somebody else's
  }
};

const inProc = (mark: string): readonly FoundProcess[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((processId) => read(`/proc/${processId}/environ`).includes(mark))
    .map((processId) => ({
      processId: Number(processId),
      command: read(`/proc/${processId}/cmdline`).replaceAll("\0", " ").trim(),
    }));

const byPs = (mark: string): readonly FoundProcess[] =>
  execFileSync("ps", ["axeww", "-o", "pid=,command="], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })
    .split("\n")
    .filter((line) => line.includes(mark))
    .map((line) => ({ processId: Number.parseInt(line, 10), command: line.trim() }));

/** The processes that run with this mark in their environment. */
export const processesMarked = (mark: string): readonly FoundProcess[] =>
  process.platform === "linux" ? inProc(mark) : byPs(mark);
