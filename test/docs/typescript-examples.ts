import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUNDLES, bundlePath, FUNCTION_NAMES } from "../../constructs/functions.ts";
import { buildBundles, functionEntries } from "../../scripts/build.ts";
import { type Block, blocksIn, ROOT } from "./pages.ts";

/*
 * The TypeScript blocks of the documentation as files. A reader saves one in a folder of the project such as `stacks`;
 * here they stand one folder deeper, so that their imports of the project's files go up once more.
 */
const MARKER = /^\/\/ example: ([a-z-]+)\n/;

export interface Example {
  readonly name: string;
  readonly page: string;
  readonly code: string;
}

const exampleOf = ({ page, code }: Block): Example => {
  const [, name] = MARKER.exec(code) ?? [];
  if (name) return { name, page, code };
  throw new Error(`a ts block of ${page} does not begin with "// example: <name>": ${code.split("\n")[0]}`);
};

export const EXAMPLES: readonly Example[] = blocksIn("ts").map(exampleOf);

/** Examples that are an app: they synthesize when they are run. The others export what a test calls. */
export const APPS: readonly Example[] = EXAMPLES.filter(({ code }) => code.includes("app.synth()"));

export interface WrittenExamples {
  readonly folder: string;
  path(name: string): string;
  remove(): void;
}

const TSCONFIG = { extends: "../../tsconfig.json", include: ["*.ts"] };

/** Writes every example into a new folder, with a tsconfig that checks them as strictly as the project. */
export const writeExamples = (): WrittenExamples => {
  mkdirSync(join(ROOT, ".sandbox"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".sandbox", "examples-"));
  const path = (name: string) => join(folder, `${name}.ts`);
  for (const { name, code } of EXAMPLES) writeFileSync(path(name), code.replaceAll('from "../', 'from "../../'));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
  return { folder, path, remove: () => rmSync(folder, { recursive: true, force: true }) };
};

/** The examples take the bundles that the package was built with; `npm test` builds them first. */
export const ensureBundles = async (): Promise<void> => {
  const missing = FUNCTION_NAMES.some((name) => !existsSync(bundlePath(BUNDLES, name)));
  if (missing) await buildBundles(ROOT, functionEntries(BUNDLES));
};
