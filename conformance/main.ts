import { availableParallelism } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { exitOnBadOptions } from "../sandbox/command-line.ts";
import { carryOut, chapterNamed, vendorNamed } from "./assignment.ts";
import { type Broken, runConformance } from "./conformance.ts";
import { type LifeName, parseLifeName } from "./life-name.ts";
import { MUTANTS, mutantNamed } from "./mutants/mutants.ts";
import { compareOrderings, tableText } from "./orderings/table.ts";
import { isKept, replayText, reportText, SHOWN } from "./report-text.ts";
import { SETTINGS_FOR_KILLS } from "./settings/family.ts";
import { twistFrom } from "./twist-kinds.ts";

const count = (text: string): number => {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError(`"${text}" is not a whole number above 0.`);
};

/** What an option's reader refuses, in commander's words. */
const reading =
  <Value>(read: (text: string) => Value) =>
  (text: string): Value => {
    try {
      return read(text);
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : "unknown");
    }
  };

const knownLife = (text: string): LifeName => {
  const life = parseLifeName(text);
  chapterNamed(life.chapter);
  vendorNamed(life.vendor);
  for (const twist of life.twists) twistFrom(twist);
  return life;
};

const command = new Command("conformance")
  .description(
    "Plays managed keys' lives with deaths before and after every effect, hostile vendors and others at work, and checks what Keyturn promises.",
  )
  .option("--runs <number>", "so many lives: fewer than there are in all are drawn, more meet two hardships", count)
  .option("--sample <number>", "so many lives of each family, spread over chapters and vendors, and pairs", count)
  .option("--full", "all crash points under every combined setting of Secrets Manager, too (an hour)")
  .option("--only <life>", "plays one life again, with its trace", reading(knownLife))
  .option("--seed <number>", "of all that is drawn or random", count, 1)
  .option("--mutant <name>", `puts a fault in: ${MUTANTS.map(({ name }) => name).join(", ")}`, reading(mutantNamed))
  .option("--orderings", "plays rotations in other orderings in common use, and prints the table")
  .option("--processes <number>", "lives played at once", count, availableParallelism())
  .option("--json", "the report as JSON on standard output")
  .exitOverride(exitOnBadOptions)
  .parse();

const { runs, sample, full, only, seed, mutant, orderings, processes, json } = command.opts();
if (runs && sample) command.error("error: --runs and --sample exclude each other");

/** Some fifty lines of progress for a whole run. */
const LINES = 50;

const showProgress = (done: number, of: number, violations: number): void => {
  if (done % Math.ceil(of / LINES) === 0 || done === of)
    process.stderr.write(`${done} of ${of} lives, ${violations} violations\n`);
};

const replay = async (): Promise<boolean> => {
  const result = await carryOut({ ...only, seed, ...(mutant ? { mutant: mutant.name } : {}) }, true);
  const { name, violations, trace, killed } = result;
  const death = only.point ? `${killed ? `died at ${killed}` : "came to no such effect"}, ` : "";
  if (json) console.log(JSON.stringify(result));
  else console.log([...trace, `${name}: ${death}${violations.length} violations`].join("\n"));
  return violations.length === 0 && (only.point === undefined || killed !== undefined);
};

let broken = 0;

/** A run may take an hour: what it finds is not kept until its end. */
const showBroken = (life: Broken): void => {
  if (++broken <= SHOWN) process.stderr.write(`broken: ${replayText(life, mutant?.name)}\n`);
};

const options = {
  seed,
  processes,
  onProgress: showProgress,
  ...(runs ? { runs } : {}),
  ...(sample ? { sample } : {}),
  ...(full ? { settings: SETTINGS_FOR_KILLS } : {}),
};

const runAll = async (): Promise<boolean> => {
  const report = await runConformance({ ...options, onBroken: showBroken, ...(mutant ? { mutant: mutant.name } : {}) });
  console.log(json ? JSON.stringify(report) : reportText(report, mutant?.name));
  return isKept(report);
};

/** Keyturn alone must keep its promises; the others are there to compare. */
const compare = async (): Promise<boolean> => {
  const rows = await compareOrderings(options);
  console.log(json ? JSON.stringify(rows) : tableText(rows));
  return rows[0]?.broken === 0;
};

process.exitCode = (await (only ? replay() : orderings ? compare() : runAll())) ? 0 : 1;
