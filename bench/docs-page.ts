import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { detailText, figuresText, type Measured } from "./report-text.ts";

const PAGE = join(import.meta.dirname, "..", "docs", "performance.md");

const marked = (name: string) => ({ from: `<!-- bench:${name} -->`, to: `<!-- /bench:${name} -->` });

/**
 * A page with one marked part replaced.
 * @throws Error when the page has no such part
 */
export const filled = (page: string, name: string, text: string): string => {
  const { from, to } = marked(name);
  const [start, end] = [page.indexOf(from), page.indexOf(to)];
  if (start < 0 || end < start) throw new Error(`the page has no part between ${from} and ${to}`);
  return `${page.slice(0, start)}${from}\n\n${text}\n\n${page.slice(end)}`;
};

const hasPart = (page: string, name: string): boolean => page.includes(marked(name).from);

/** Writes what was measured into docs/performance.md: the one table, and each row's details where the page has a part for them. */
export const writeDocs = (all: readonly Measured[], circumstances: string): void => {
  const page = readFileSync(PAGE, "utf8");
  const whole = filled(page, "figures", `${circumstances}\n\n${figuresText(all)}`);
  const withDetails = all.reduce((text, { row, report }) => {
    if (report.details.length === 0 || !hasPart(text, row.name)) return text;
    return filled(text, row.name, report.details.map(detailText).join("\n\n"));
  }, whole);
  writeFileSync(PAGE, withDetails);
};
