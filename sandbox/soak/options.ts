import { randomInt } from "node:crypto";
import { Command, InvalidArgumentError } from "commander";

export interface Options {
  readonly minutes: number;
  readonly keys: number;
  readonly seed: number;
  readonly json: boolean;
}

const MOST_SEED = 1_000_000;

/** A reader of numbers between two bounds. */
const numberFrom =
  (from: number, to: number, isWhole: boolean) =>
  (text: string): number => {
    const number = text.trim() === "" ? Number.NaN : Number(text);
    const fits = number >= from && number <= to && (!isWhole || Number.isInteger(number));
    if (fits) return number;
    throw new InvalidArgumentError(`it must be a ${isWhole ? "whole " : ""}number from ${from} to ${to}.`);
  };

const minutes = numberFrom(0.1, 1_440, false);
const keys = numberFrom(2, 100, true);
const seed = numberFrom(0, 2 ** 32 - 1, true);

const DESCRIPTION =
  "Rotates many keys in the real sandbox while their workloads call and processes are killed, and counts what failed and what is left over.";

/** The command's options, as commander reads them. */
export const soakCommand = (): Command =>
  new Command("npm run soak --")
    .description(DESCRIPTION)
    .option("--minutes <number>", "how long rotations are started and processes killed", minutes, 5)
    .option("--keys <number>", "half of them of each vendor, of Pictify 25 at most", keys, 50)
    .option("--seed <number>", "of all that is drawn (default: another each time)", seed)
    .option("--json", "print only a JSON summary to stdout, everything else to stderr", false)
    .addHelpText(
      "after",
      `
The minutes do not count the deploy before them (1 to 2 minutes) and the way to rest after them (2 to 30 minutes).
The same seed draws the same times, keys, moments and holds; what the processes do in between is real, and differs.

Exit codes: 0 all of it held, 1 it did not, 2 it could not be started, 130 it was stopped.`,
    );

/** @param command as `soakCommand` makes it, parsed */
export const optionsOf = (command: Command): Options => {
  const { seed = randomInt(MOST_SEED), ...options } = command.opts<Omit<Options, "seed"> & { seed?: number }>();
  return { ...options, seed };
};
