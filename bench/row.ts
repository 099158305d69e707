/**
 * How a figure stands to its bound. told: it has none. explained: past it, and the reason says what forces that. not measured:
 * the machine lacks what the row needs.
 */
export type Verdict = "met" | "missed" | "explained" | "told" | "not measured";

/** One line of the table. */
export interface Figure {
  readonly what: string;
  /** With its unit: `12 calls`, `1.08 ×`. */
  readonly measured: string;
  /** As text: `at most 12`. */
  readonly bound?: string;
  readonly verdict: Verdict;
  /** What forces the figure, and the floor, where there is more to say than the bound does. */
  readonly reason?: string;
}

/** Details below a row's figures, as a table of texts. */
export interface DetailTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface RowReport {
  readonly figures: readonly Figure[];
  readonly details: readonly DetailTable[];
}

export interface MeasureOptions {
  /** How often what is timed is timed: the median counts. */
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

/** One row of the benchmark: what one question costs. */
export interface Row {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  measure(options: MeasureOptions): Promise<RowReport>;
}

interface Bounded {
  readonly what: string;
  readonly value: number;
  readonly atMost: number;
  /** How a value of this kind is written. */
  readonly text: (value: number) => string;
  /** What is said of the figure in any case; it explains a miss only where `explainsMiss` is set. */
  readonly reason?: string | undefined;
  /** Set where the reason says what forces a value past the bound. */
  readonly explainsMiss?: boolean;
}

/** A figure that must not be above its bound. */
export const atMost = ({ what, value, atMost: limit, text, reason, explainsMiss = false }: Bounded): Figure => {
  const isMet = value <= limit;
  return {
    what,
    measured: text(value),
    bound: `at most ${text(limit)}`,
    verdict: isMet ? "met" : explainsMiss ? "explained" : "missed",
    ...(reason !== undefined && (!explainsMiss || !isMet) ? { reason } : {}),
  };
};

/** A figure without a bound. */
export const told = (what: string, measured: string, reason?: string): Figure => ({
  what,
  measured,
  verdict: "told",
  ...(reason === undefined ? {} : { reason }),
});

/** The report of a row that needs what this machine does not have. @param missing what that is, and how to get it */
export const notMeasured = (what: string, missing: string): RowReport => ({
  figures: [{ what, measured: "", verdict: "not measured", reason: missing }],
  details: [],
});

export const isMeasured = ({ figures }: RowReport): boolean =>
  figures.every(({ verdict }) => verdict !== "not measured");

export const isKept = ({ figures }: RowReport): boolean => figures.every(({ verdict }) => verdict !== "missed");
