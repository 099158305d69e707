import { existsSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { PAGES, pageText, ROOT, withoutBlocks } from "./pages.ts";

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(" ", "-");

const anchorsOf = (text: string): readonly string[] =>
  [...withoutBlocks(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));

const linksOf = (text: string): readonly string[] =>
  [...withoutBlocks(text).matchAll(LINK)].map(([, target = ""]) => target);

const problemOf = (page: string, target: string): string | undefined => {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : relative(ROOT, join(ROOT, dirname(page), path));
  if (!existsSync(join(ROOT, file)) || !statSync(join(ROOT, file)).isFile()) return `there is no file ${file}`;
  if (anchor === undefined) return undefined;
  return anchorsOf(pageText(file)).includes(anchor) ? undefined : `${file} has no heading #${anchor}`;
};

describe.each(PAGES.map(({ path, text }) => [path, text]))("%s", (path, text) => {
  test("links to what is there", () => {
    const targets = linksOf(text).filter((target) => !/^https?:/.test(target));
    const problems = targets.flatMap((target) => problemOf(path, target) ?? []);
    expect(problems).toEqual([]);
  });

  test("has one title", () => {
    expect([...withoutBlocks(text).matchAll(/^# /gm)]).toHaveLength(1);
  });
});

test("the README leads to every page of the documentation", () => {
  const linked = linksOf(pageText("README.md"));
  const guides = PAGES.map(({ path }) => path).filter((path) => /^docs\/[^/]+$|^CONTRIBUTING/.test(path));
  expect(guides.filter((path) => !linked.includes(path))).toEqual([]);
});
