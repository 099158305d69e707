import { describe, expect, test } from "vitest";
import { PAGES, pageText } from "./pages.ts";

const RECORDS = PAGES.filter(({ path }) => /^docs\/decisions\/\d{4}-/.test(path)).toSorted((a, b) =>
  a.path < b.path ? -1 : 1,
);

test("decisions are numbered without a gap", () => {
  const numbers = RECORDS.map(({ path }) => Number(path.slice("docs/decisions/".length).slice(0, 4)));
  expect(numbers).toEqual(RECORDS.map((_, index) => index + 1));
});

describe.each(RECORDS.map(({ path, text }) => [path, text]))("%s", (path, text) => {
  test("has its number in its title, and context, decision and consequences", () => {
    const number = path.slice("docs/decisions/".length).slice(0, 4);
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
    expect(headings[0]).toMatch(new RegExp(`^${number}: `));
    expect(headings.slice(1)).toEqual(["Context", "Decision", "Consequences"]);
  });

  test("is in the index by its title", () => {
    const file = path.slice("docs/decisions/".length);
    const [, number, title] = /^# (\d+): (.*)$/m.exec(text) ?? [];
    expect(pageText("docs/decisions/README.md")).toContain(`| [${number}](${file}) | ${title} |`);
  });
});
