import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT, sectionOf } from "./pages.ts";

/** A row of the tables "may import". A name is a folder with its last slash, a file, or `<folder>/*.ts`. */
interface Row {
  readonly names: readonly string[];
  /** `undefined`: everything. */
  readonly allowed: readonly string[] | undefined;
}

const namesIn = (cell = ""): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);

/** The rows of folders with sources: those of which the tables say what they may import. */
const ROWS: readonly Row[] = sectionOf("CONTRIBUTING.md", "Layout")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.slice(1, -1).split(" | "))
  .filter(([, , allowed]) => allowed?.trim())
  .map(([names, , allowed = ""]) => ({
    names: namesIn(names),
    allowed: allowed.startsWith("everything") ? undefined : namesIn(allowed),
  }));

const covers = (name: string, path: string): boolean =>
  name.endsWith("/") ? path.startsWith(name) : name.endsWith("/*.ts") ? dirname(name) === dirname(path) : path === name;

/** The row that a file is in: that of its own name, else of its folder's files, else of the narrowest folder. */
const rowOf = (path: string): Row | undefined => {
  const names = ROWS.flatMap((row) => row.names.map((name) => ({ name, row }))).filter(({ name }) =>
    covers(name, path),
  );
  return names.toSorted((a, b) => b.name.length - a.name.length)[0]?.row;
};

/** A file that stands for what a name means. */
const fileOf = (name: string): string => name.replace(/\*\.ts$/, "any.ts").replace(/\/$/, "/any.ts");

const TARGETS = [...new Set(ROWS.flatMap(({ names, allowed = [] }) => [...names, ...allowed]).map(fileOf))];

const foldersBelow = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.parentPath.includes("node_modules"))
    .map((entry) => relative(ROOT, entry.parentPath));

/** A file in every folder that has sources, and the files that have a row of their own. */
const PLANTS: readonly string[] = [
  ...new Set(ROWS.flatMap(({ names }) => names.filter((name) => name.endsWith("/")).flatMap(foldersBelow))),
]
  .map((folder) => `${folder}/any.ts`)
  .concat(ROWS.flatMap(({ names }) => names.filter((name) => /\w\.ts$/.test(name))));

const specifier = (from: string, to: string): string => {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
};

const world = mkdtempSync(join(tmpdir(), "keyturn-imports-"));
afterAll(() => rmSync(world, { recursive: true, force: true }));

interface Report {
  readonly diagnostics: readonly {
    readonly location: { readonly path: string; readonly start: { readonly line: number } };
  }[];
}

/** What the linter refuses, as `<file> imports <file>`. */
const refused = new Set<string>();

beforeAll(async () => {
  for (const config of ["biome.json", "biome.imports.json"]) copyFileSync(join(ROOT, config), join(world, config));
  for (const plant of PLANTS) {
    mkdirSync(join(world, dirname(plant)), { recursive: true });
    writeFileSync(join(world, plant), TARGETS.map((target) => `import "${specifier(plant, target)}";\n`).join(""));
  }
  const args = [
    "lint",
    "--only=style/noRestrictedImports",
    "--vcs-enabled=false",
    "--max-diagnostics=none",
    "--reporter=json",
  ];
  const run = promisify(execFile)(join(ROOT, "node_modules/.bin/biome"), args, { cwd: world, maxBuffer: 2 ** 28 });
  const { stdout } = await run.catch((refusal: { readonly stdout: string }) => refusal);
  for (const { location } of (JSON.parse(stdout) as Report).diagnostics)
    refused.add(`${location.path} imports ${TARGETS[location.start.line - 1]}`);
});

/** Whether the tables allow it: what is in the same folder, and what the row names. */
const isAllowed = (plant: string, target: string): boolean => {
  const row = rowOf(plant);
  if (!row?.allowed) return row !== undefined;
  const own = row.names.filter((name) => name.endsWith("/"));
  return [...own, ...row.allowed].some((name) => covers(name, target));
};

test("the linter refuses the imports that the tables do not allow, and no others", () => {
  const forbidden = PLANTS.flatMap((plant) =>
    TARGETS.filter((target) => !isAllowed(plant, target)).map((target) => `${plant} imports ${target}`),
  );
  expect([...refused].toSorted()).toEqual(forbidden.toSorted());
  expect(forbidden).toContain("lambdas/rotation/any.ts imports sandbox/any.ts");
});

test("every room of lambdas has a row of its own", () => {
  expect(PLANTS.filter((plant) => rowOf(plant)?.names.includes("lambdas/"))).toEqual([]);
});
