import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { systemClock } from "../lambdas/clock.ts";
import { keyturnProvider } from "../provider/keyturn.ts";
import { placeFile } from "../provider/place-file.ts";
import type { ObjectSchema } from "../provider/protocol/schema.ts";
import { schemaMarkdown } from "./schema-markdown.ts";

/*
 * The provider's documentation, in the form of Terraform's registry, is written by hand but for the parts between two
 * comments: `<!-- schema: keyturn_api_key -->` … `<!-- /schema -->`, and `<!-- file: examples/… -->` … `<!-- /file -->`.
 * Run it to write these parts anew: npm run docs:provider
 */
const ROOT = join(import.meta.dirname, "..");
const FOLDER = "docs/provider";

const provider = keyturnProvider({ clock: systemClock, log: () => {}, newClaim: () => "", environment: {} });

/** Everything that has a schema, by the name that its page's comment says. */
export const SCHEMAS: Readonly<Record<string, ObjectSchema>> = {
  provider: provider.schema,
  ...Object.fromEntries(Object.entries(provider.resources).map(([name, { schema }]) => [name, schema])),
  ...Object.fromEntries(Object.entries(provider.dataSources).map(([name, { schema }]) => [name, schema])),
};

const LANGUAGES: Readonly<Record<string, string>> = { tf: "terraform", hcl: "terraform", sh: "shell" };

const fileBlock = (path: string): string => {
  const language = LANGUAGES[path.slice(path.lastIndexOf(".") + 1)];
  if (language === undefined) throw new Error(`${path} is no file that a page shows: ${Object.keys(LANGUAGES)}`);
  return `\`\`\`${language}\n${readFileSync(join(ROOT, path), "utf8").trimEnd()}\n\`\`\``;
};

const schemaPart = (name: string): string => {
  const schema = SCHEMAS[name];
  if (!schema) throw new Error(`there is no schema ${name}; there are ${Object.keys(SCHEMAS).join(", ")}`);
  return schemaMarkdown(schema);
};

const PARTS = { schema: schemaPart, file: fileBlock } as const;
const PART = /<!-- (schema|file): (\S+) -->\n[\s\S]*?<!-- \/\1 -->/g;

/** A page with its generated parts as they must be. @throws Error for a part of what is not there */
export const withGeneratedParts = (page: string): string =>
  page.replace(
    PART,
    (_, kind: keyof typeof PARTS, name: string) => `<!-- ${kind}: ${name} -->\n${PARTS[kind](name)}\n<!-- /${kind} -->`,
  );

/** Every page of the provider's documentation: its path below the root, and its text. */
export const providerPages = (): readonly { readonly path: string; readonly text: string }[] =>
  readdirSync(join(ROOT, FOLDER), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));

if (process.argv[1] === import.meta.filename)
  for (const { path, text } of providerPages()) {
    const generated = withGeneratedParts(text);
    if (generated === text) continue;
    placeFile(join(ROOT, path), Buffer.from(generated));
    console.log(`wrote ${path}`);
  }
