import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Assignment, carryOut, type Result } from "./assignment.ts";

const BATCH = 20;

/** Told of each life as soon as it was played, in any order. */
export type ResultListener = (result: Result) => void;

interface Batch {
  /** Where its first life stands among all. */
  readonly start: number;
  readonly assignments: readonly Assignment[];
}

const batches = (assignments: readonly Assignment[]): Batch[] =>
  Array.from({ length: Math.ceil(assignments.length / BATCH) }, (_, n) => ({
    start: n * BATCH,
    assignments: assignments.slice(n * BATCH, (n + 1) * BATCH),
  }));

/** One process, which takes batch after batch until there is none left. */
const processOf = (left: Batch[], onResult: (result: Result, index: number) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = fork(fileURLToPath(new URL("./worker.ts", import.meta.url)));
    let [index, end] = [0, 0];
    const next = () => {
      const batch = left.shift();
      if (!batch) return void worker.disconnect();
      index = batch.start;
      end = index + batch.assignments.length;
      worker.send(batch.assignments);
    };
    worker.on("message", (result) => {
      onResult(result as Result, index++);
      if (index === end) next();
    });
    worker.on("error", reject);
    worker.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`a process of the kit ended with ${code}`)),
    );
    next();
  });

/**
 * Plays lives, and gives their results in the order of the assignments.
 * @param processes 1: this one
 */
export const playAll = async (
  assignments: readonly Assignment[],
  processes: number,
  onResult: ResultListener = () => {},
): Promise<readonly Result[]> => {
  const results = new Array<Result>(assignments.length);
  const keep = (result: Result, index: number) => {
    results[index] = result;
    onResult(result);
  };
  if (processes <= 1) for (const [index, assignment] of assignments.entries()) keep(await carryOut(assignment), index);
  else {
    const left = batches(assignments);
    await Promise.all(Array.from({ length: Math.min(processes, left.length) }, () => processOf(left, keep)));
  }
  return results;
};
