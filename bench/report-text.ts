import type { DetailTable, Figure, Row, RowReport } from "./row.ts";

export interface Measured {
  readonly row: Pick<Row, "name" | "title">;
  readonly report: RowReport;
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

const tableText = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows.map((row) => row.map(cell))].map((row) => `| ${row.join(" | ")} |`).join("\n");

const outcomeOf = ({ verdict, reason }: Figure): string =>
  [verdict === "told" ? "" : verdict, reason ?? ""].filter(Boolean).join(": ");

/** All figures in one table, in Markdown. */
export const figuresText = (all: readonly Measured[]): string =>
  tableText(
    ["row", "what", "measured", "bound", "outcome"],
    all.flatMap(({ row, report }) =>
      report.figures.map((figure) => [
        `\`${row.name}\``,
        figure.what,
        figure.measured,
        figure.bound ?? "",
        outcomeOf(figure),
      ]),
    ),
  );

/** A table below a heading of the third level. */
export const detailText = ({ title, head, rows }: DetailTable): string => `### ${title}\n\n${tableText(head, rows)}`;

/** The whole report for people. */
export const reportText = (all: readonly Measured[], circumstances: string): string =>
  [circumstances, figuresText(all), ...all.flatMap(({ report }) => report.details.map(detailText))].join("\n\n");
