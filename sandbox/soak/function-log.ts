/** What the stand-in for Lambda says of an invocation whose process ended in the midst of it. */
const DEATH = /Worker process (?:died|exited)|Worker returned no response|Broken pipe/;

export const isDeath = (error: string): boolean => DEATH.test(error);

/** How many invocations ended with their process: the stand-in adds a line to what the function logged, which is all JSON. */
export const deathsIn = (log: string): number =>
  log.split("\n").filter((line) => !line.startsWith("{") && isDeath(line)).length;

/** How many invocations there were, by the line with which Lambda begins each. */
export const invocationsIn = (log: string): number =>
  log.split("\n").filter((line) => line.startsWith("START RequestId: ")).length;
