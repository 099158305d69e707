import { describe, expect, test } from "vitest";
import { filled } from "../../bench/docs-page.ts";
import { figuresText, reportText } from "../../bench/report-text.ts";
import { atMost, isKept, isMeasured, notMeasured, told } from "../../bench/row.ts";
import { ROWS, rowNamed } from "../../bench/rows.ts";

const calls = (value: number, reason?: string) =>
  atMost({
    what: "calls",
    value,
    atMost: 12,
    text: String,
    ...(reason === undefined ? {} : { reason, explainsMiss: true }),
  });

const reportOf = (...figures: ReturnType<typeof calls>[]) => ({ figures, details: [] });

describe("a figure", () => {
  test("at its bound meets it", () => {
    expect(calls(12).verdict).toBe("met");
  });

  test("past its bound misses it, which is a failure", () => {
    expect(calls(13).verdict).toBe("missed");
    expect(isKept(reportOf(calls(12), calls(13)))).toBe(false);
  });

  test("past its bound for a stated reason is explained, and no failure", () => {
    expect(calls(13, "the vendor forces it")).toMatchObject({ verdict: "explained", reason: "the vendor forces it" });
    expect(isKept(reportOf(calls(13, "the vendor forces it")))).toBe(true);
  });

  test("that is met needs no excuse", () => {
    expect(calls(12, "the vendor forces it")).not.toHaveProperty("reason");
  });

  test("without a bound is told", () => {
    expect(isKept(reportOf(told("time", "3 s")))).toBe(true);
  });
});

test("a row that this machine cannot measure says what is missing, and is no failure", () => {
  const report = notMeasured("100 targets", "Go is missing.");
  expect(isKept(report)).toBe(true);
  expect(isMeasured(report)).toBe(false);
  expect(figuresText([{ row: { name: "distribution", title: "Distribution" }, report }])).toContain(
    "| `distribution` | 100 targets |  |  | not measured: Go is missing. |",
  );
});

test("the table has a line for each figure, with what is said of it", () => {
  const row = { name: "calls", title: "Calls" };
  expect(figuresText([{ row, report: reportOf(calls(13, "a | b"), told("time", "3 s")) }]).split("\n")).toEqual([
    "| row | what | measured | bound | outcome |",
    "| --- | --- | --- | --- | --- |",
    "| `calls` | calls | 13 | at most 12 | explained: a \\| b |",
    "| `calls` | time | 3 s |  |  |",
  ]);
});

test("details come below the table", () => {
  const details = [{ title: "By size", head: ["keys"], rows: [["10"]] }];
  const text = reportText([{ row: { name: "synth", title: "Synth" }, report: { figures: [], details } }], "Two cores.");
  expect(text.startsWith("Two cores.\n\n| row")).toBe(true);
  expect(text.endsWith("### By size\n\n| keys |\n| --- |\n| 10 |")).toBe(true);
});

describe("the page's marked part", () => {
  const page = "before\n<!-- bench:figures -->\n\nold\n\n<!-- /bench:figures -->\nafter\n";

  test("is replaced, and nothing else", () => {
    expect(filled(page, "figures", "new")).toBe(page.replace("old", "new"));
  });

  test("must be there", () => {
    expect(() => filled("nothing", "figures", "new")).toThrow("no part between <!-- bench:figures -->");
  });
});

test("each row has a name of its own, and one that is not there is an error that names them", () => {
  expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
  expect(rowNamed("calls").title).toBe("Calls of one rotation");
  expect(() => rowNamed("speed")).toThrow(/there is no row "speed"; there are calls, /);
});
