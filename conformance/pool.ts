import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Assignment, carryOut, type Result } from "./assignment.ts";

const BATCH = 20;

const playHere = async (assignments: readonly Assignment[], onResult: (result: Result) => void): Promise<void> => {
  for (const assignment of assignments) onResult(await carryOut(assignment));
};

const batches = (assignments: readonly Assignment[]): (readonly Assignment[])[] =>
  Array.from({ length: Math.ceil(assignments.length / BATCH) }, (_, n) =>
    assignments.slice(n * BATCH, (n + 1) * BATCH),
  );

/** One process, which takes batch after batch until there is none left. */
const processOf = (left: (readonly Assignment[])[], onResult: (result: Result) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = fork(fileURLToPath(new URL("./worker.ts", import.meta.url)));
    let awaited = 0;
    const next = () => {
      const batch = left.shift();
      if (!batch) return void worker.disconnect();
      awaited = batch.length;
      worker.send(batch);
    };
    worker.on("message", (result) => {
      onResult(result as Result);
      if (--awaited === 0) next();
    });
    worker.on("error", reject);
    worker.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`a process of the kit ended with ${code}`)),
    );
    next();
  });

/**
 * Plays lives, in any order.
 * @param processes 1: this one
 */
export const playAll = async (
  assignments: readonly Assignment[],
  processes: number,
  onResult: (result: Result) => void,
): Promise<void> => {
  if (processes <= 1) return playHere(assignments, onResult);
  const left = batches(assignments);
  await Promise.all(Array.from({ length: Math.min(processes, left.length) }, () => processOf(left, onResult)));
};
