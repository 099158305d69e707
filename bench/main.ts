import { Command, InvalidArgumentError } from "commander";
import { exitOnBadOptions } from "../sandbox/command-line.ts";
import { circumstances } from "./circumstances.ts";
import { writeDocs } from "./docs-page.ts";
import { type Measured, reportText } from "./report-text.ts";
import { isKept, isMeasured, type Row } from "./row.ts";
import { ROWS, rowNamed } from "./rows.ts";

const ROUNDS = 5;

const count = (text: string): number => {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError(`"${text}" is not a whole number above 0.`);
};

const chosen = (name: string, before: readonly Row[] = []): readonly Row[] => {
  try {
    return [...before, rowNamed(name)];
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : "unknown");
  }
};

const command = new Command("bench")
  .description(
    "Measures what Keyturn costs against stated bounds: calls, time, memory and size, as ratios within one run.",
  )
  .option("--only <row>", `one row, may be repeated: ${ROWS.map(({ name }) => name).join(", ")}`, chosen)
  .option("--rounds <number>", "how often what is timed is timed; the median counts", count, ROUNDS)
  .option("--json", "the report as JSON on standard output")
  .option("--write-docs", "writes the tables into docs/performance.md; only with all rows")
  .exitOverride(exitOnBadOptions)
  .parse();

const { only, rounds, json, writeDocs: toDocs } = command.opts();
if (toDocs && only) command.error("error: --write-docs quotes one whole run, so it does not go with --only");

const measured: Measured[] = [];
for (const row of (only as readonly Row[] | undefined) ?? ROWS) {
  const progress = (text: string): void => void process.stderr.write(`${row.name}: ${text}\n`);
  progress("begins");
  measured.push({ row: { name: row.name, title: row.title }, report: await row.measure({ rounds, progress }) });
}

const told = circumstances(rounds);
console.log(json ? JSON.stringify({ circumstances: told, rows: measured }, null, 2) : reportText(measured, told));
const left = measured.filter(({ report }) => !isMeasured(report)).map(({ row }) => row.name);
if (toDocs && left.length > 0)
  command.error(`error: --write-docs quotes one whole run, and these rows were not measured: ${left.join(", ")}`);
if (toDocs) writeDocs(measured, told);
process.exitCode = measured.every(({ report }) => isKept(report)) ? 0 : 1;
