import { type ConformanceOptions, type Report, runConformance } from "../conformance.ts";
import type { Violation } from "../stage/trace.ts";
import { ORDERINGS } from "./orderings.ts";

/** Promises of the witness by the column in which a broken one is counted. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  "a request failed": ["no request fails"],
  "revoked or promoted too early": [
    "a key that workloads may hold is valid",
    "no key is revoked before its successor was verified and promoted",
    "a generation is verified before it is current",
    "a key is revoked on evidence",
  ],
  "something left over": ["a life comes to rest"],
};
const OTHER = "anything else";

export interface Row {
  readonly ordering: string;
  readonly what: string;
  readonly lives: number;
  readonly broken: number;
  /** How many lives broke a promise of each column. */
  readonly columns: Readonly<Record<string, number>>;
}

const columnOf = ({ promise }: Violation): string =>
  Object.keys(COLUMNS).find((column) => COLUMNS[column]?.includes(promise)) ?? OTHER;

/** What became of one ordering. Pure. */
export const rowOf = ({ name, what }: { name: string; what: string }, { lives, broken }: Report): Row => {
  const count = (column: string) =>
    broken.filter(({ violations }) => violations.some((violation) => columnOf(violation) === column)).length;
  const columns = Object.fromEntries([...Object.keys(COLUMNS), OTHER].map((column) => [column, count(column)]));
  return { ordering: name, what, lives, broken: broken.length, columns };
};

const KEYTURN = { name: "Keyturn", what: "" };
/** Where orderings differ. */
const CHAPTERS = ["rotation"];

/** Plays the same lives with every ordering, Keyturn's own first. */
export const compareOrderings = async (options: Omit<ConformanceOptions, "mutant" | "chapters">) => {
  const rows: Row[] = [];
  for (const ordering of [KEYTURN, ...ORDERINGS]) {
    const mutant = ordering === KEYTURN ? {} : { mutant: ordering.name };
    rows.push(rowOf(ordering, await runConformance({ ...options, ...mutant, chapters: CHAPTERS })));
  }
  return rows;
};

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;

/** The table as Markdown, as docs/conformance.md has it. */
export const tableText = (rows: readonly Row[]): string => {
  const columns = [...Object.keys(COLUMNS), OTHER];
  const head = ["ordering", "what is other than in Keyturn", "lives", "broken", ...columns];
  return [
    line(head),
    line(head.map((_, index) => (index < 2 ? "---" : "---:"))),
    ...rows.map(({ ordering, what, lives, broken, columns: counts }) =>
      line([ordering, what, lives, broken, ...columns.map((column) => counts[column] ?? 0)]),
    ),
  ].join("\n");
};
