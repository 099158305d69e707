import { describe, expect, test } from "vitest";
import { KEY_OWNERS } from "../../lambdas/contracts/inspect.ts";
import { KEY_STATUSES } from "../../lambdas/contracts/key-facts.ts";
import { DEFAULT_TIMEOUT_TEXT, OPERATIONS } from "../../provider/key/timeouts.ts";
import { providerPages, SCHEMAS, withGeneratedParts } from "../../scripts/provider-docs.ts";
import { schemaMarkdown } from "../../scripts/schema-markdown.ts";
import { pageText, rowOf, sectionOf, source, withoutBlocks } from "./pages.ts";

const PAGES = providerPages();
const RESOURCE = "docs/provider/resources/api_key.md";

/** Where Terraform's registry looks for the page of what has a schema ("Provider Documentation"). */
const PLACES: Readonly<Record<string, string>> = {
  provider: "docs/provider/index.md",
  keyturn_api_key: RESOURCE,
  keyturn_api_keys: "docs/provider/data-sources/api_keys.md",
};

test("the provider and everything in it have a page where the registry looks for it, and nothing else has", () => {
  expect(Object.keys(PLACES).sort()).toEqual(Object.keys(SCHEMAS).sort());
  const others = PAGES.map(({ path }) => path).filter((path) => !path.startsWith("docs/provider/guides/"));
  expect(others).toEqual(Object.values(PLACES).toSorted());
  for (const [name, page] of Object.entries(PLACES)) expect(pageText(page)).toContain(`<!-- schema: ${name} -->`);
});

describe.each(PAGES.map(({ path, text }) => [path, text]))("%s", (_, text) => {
  test("says what schemas and examples say; else run: npm run docs:provider", () => {
    expect(text).toBe(withGeneratedParts(text));
  });

  test("has a head for the registry", () => {
    expect(text).toMatch(/^---\npage_title: ".+"\n(subcategory: ""\n)?description: \|-\n {2}\S.*\n---\n\n# /);
  });

  test("links to pages of its own alone, since the registry has no others", () => {
    const targets = [...withoutBlocks(text).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target]) => target);
    expect(targets.filter((target = "") => target.startsWith("../../") || target.startsWith("/"))).toEqual([]);
  });
});

test("every argument and attribute has a description that is a sentence", () => {
  for (const schema of Object.values(SCHEMAS)) {
    const bullets = schemaMarkdown(schema)
      .split("\n")
      .filter((line) => line.startsWith("- "));
    expect(bullets.length).toBeGreaterThan(2);
    for (const bullet of bullets) expect(bullet).toMatch(/^- `\w+` \([\w ]+\) [A-Z].*\.$/);
  }
});

test("every status and every owner has a row that says what it means", () => {
  expect(KEY_STATUSES.filter((status) => rowOf(RESOURCE, status) === "")).toEqual([]);
  expect(KEY_OWNERS.filter((owner) => rowOf("docs/provider/data-sources/api_keys.md", owner) === "")).toEqual([]);
});

test("every argument has a row that says what a plan shows of its change", () => {
  const rows = sectionOf(RESOURCE, "What a plan shows");
  const { attributes, blocks = {} } = SCHEMAS.keyturn_api_key ?? { attributes: {} };
  const arguments_ = Object.entries(attributes).flatMap(([name, { is }]) => (is === "computed" ? [] : [name]));
  expect([...arguments_, ...Object.keys(blocks)].filter((name) => !rows.includes(`\`${name}\``))).toEqual([]);
});

test("the timeouts are told with their default", () => {
  const section = sectionOf(RESOURCE, "Timeouts");
  for (const operation of OPERATIONS) expect(section).toContain(`\`${operation}\``);
  expect(`${section.match(/(\d+) minutes each/)?.[1]}m`).toBe(DEFAULT_TIMEOUT_TEXT);
});

test("every error that the pages name is one that the provider explains", () => {
  const problems = source("provider/service/problems.ts");
  const named = PAGES.flatMap(({ text }) => [...text.matchAll(/\(`([A-Z_]{4,})`\)/g)].map(([, code]) => code));
  expect(named.length).toBeGreaterThan(1);
  expect(named.filter((code) => !problems.includes(`  ${code}: {`))).toEqual([]);
});
