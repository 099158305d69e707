import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

test("each word of the glossary is explained once", () => {
  const text = readFileSync(join(import.meta.dirname, "..", "..", "docs", "glossary.md"), "utf8");
  const words = [...text.matchAll(/^\| ([^|]+) \| [^|]+ \|$/gm)].flatMap(([, word = ""]) => word.split(", "));
  const explained = words.filter((word) => word !== "word" && word !== "---");

  expect(explained.length).toBeGreaterThan(30);
  expect(explained.filter((word, index) => explained.indexOf(word) !== index)).toEqual([]);
});
