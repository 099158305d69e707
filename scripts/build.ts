import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { BUNDLES, bundlePath, FUNCTION_NAMES } from "../constructs/functions.ts";
import { BUNDLING } from "./bundling.ts";

const ROOT = join(import.meta.dirname, "..");

export interface Entry {
  readonly name: string;
  /** Path of the file that exports `handler`, below the root. */
  readonly path: string;
  readonly output: string;
}

/** One entry for each function of a service. */
export const functionEntries = (output: string): readonly Entry[] =>
  FUNCTION_NAMES.map((name) => ({ name, path: `lambdas/${name}.ts`, output: bundlePath(output, name) }));

/**
 * Bundles entries into one file each. The same source gives the same bytes, in whatever folder it lies.
 * @param root the package's folder; the entries' paths are relative to it
 * @throws Error for an entry that is not there, or that esbuild cannot bundle
 */
export const buildBundles = async (root: string, entries: readonly Entry[]): Promise<void> => {
  const missing = entries.find(({ path }) => !existsSync(join(root, path)));
  if (missing)
    throw new Error(`${missing.path} is missing: it must export the handler of the function ${missing.name}`);
  await Promise.all(entries.map((entry) => bundle(root, entry)));
};

/** Puts a file in place whole, and only when it changes: whoever reads it meanwhile never meets half of one. */
const place = (output: string, contents: Uint8Array): void => {
  if (existsSync(output) && readFileSync(output).equals(contents)) return;
  mkdirSync(dirname(output), { recursive: true });
  const half = `${output}.${process.pid}`;
  writeFileSync(half, contents);
  renameSync(half, output);
};

const bundle = async (root: string, { path, output }: Entry): Promise<void> => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`./${path}`],
    outfile: output,
    ...BUNDLING,
  });
  for (const { contents } of outputFiles) place(output, contents);
};

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(0)} kB`.padStart(10);

const sizeLine = ({ name, output }: Entry): string => {
  const bytes = readFileSync(output);
  return `${name.padEnd(12)}${kilobytes(bytes.length)}${kilobytes(gzipSync(bytes).length)}`;
};

if (process.argv[1] === import.meta.filename) {
  const entries = functionEntries(BUNDLES);
  await buildBundles(ROOT, entries);
  const head = `${"function".padEnd(12)}${"bundle".padStart(10)}${"gzipped".padStart(10)}`;
  if (!process.argv.includes("--quiet")) console.log([head, ...entries.map(sizeLine)].join("\n"));
}
