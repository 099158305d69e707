import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs");

/** The test files as vitest would run them, each with its project. */
const planned = (): readonly { readonly file: string; readonly projectName: string }[] =>
  JSON.parse(
    execFileSync(process.execPath, [VITEST, "list", "--filesOnly", "--json"], { cwd: ROOT, encoding: "utf8" }),
  );

const written = (): readonly string[] =>
  readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts") && !path.includes("node_modules"))
    .map((path) => join(ROOT, "test", path));

test("every test file is in one project, and in no other", () => {
  const files = planned();
  expect(files.map(({ file }) => file).sort()).toEqual([...written()].sort());
  expect([...new Set(files.map(({ projectName }) => projectName))].sort()).toEqual(["integration", "proof", "unit"]);
});
