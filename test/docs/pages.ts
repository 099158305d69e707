import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

export const ROOT = join(import.meta.dirname, "..", "..");

export interface Page {
  /** Below the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Block {
  readonly page: string;
  readonly language: string;
  readonly code: string;
}

const readPage = (path: string): Page => ({ path, text: readFileSync(join(ROOT, path), "utf8") });

const markdownBelow = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));

/** Every page of the documentation. */
export const PAGES: readonly Page[] = ["README.md", "CONTRIBUTING.md", ...markdownBelow("docs")].map(readPage);

/** The text of one page. @throws Error when there is no such page */
export const pageText = (path: string): string => {
  const page = PAGES.find((one) => one.path === path);
  if (!page) throw new Error(`there is no page ${path}`);
  return page.text;
};

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

/** The fenced blocks of all pages in one language. */
export const blocksIn = (language: string): readonly Block[] =>
  PAGES.flatMap(({ path, text }) =>
    [...text.matchAll(FENCE)]
      .map(([, found = "", code = ""]) => ({ page: path, language: found, code }))
      .filter((block) => block.language === language),
  );

export const withoutBlocks = (text: string): string => text.replace(FENCE, "");

/** The row whose first cell is `` `name` `` in a text's tables; empty when there is none. */
export const rowIn = (text: string, name: string): string =>
  text.split("\n").find((line) => line.startsWith(`| \`${name}\` |`)) ?? "";

export const rowOf = (page: string, name: string): string => rowIn(pageText(page), name);

/** A page's part from a heading of the second level to the next one. */
export const sectionOf = (page: string, heading: string): string => {
  const [, rest] = pageText(page).split(`\n## ${heading}\n`);
  if (rest === undefined) throw new Error(`${page} has no heading "${heading}"`);
  return rest.split("\n## ")[0] ?? "";
};

/** The source of a file of the project. */
export const source = (path: string): string => readFileSync(join(ROOT, path), "utf8");
