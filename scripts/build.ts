import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { BUNDLES, bundlePath, FUNCTION_NAMES, providerFolder } from "../constructs/functions.ts";
import { buildProvider } from "../provider/build.ts";
import { layProvider } from "../provider/layout.ts";
import { placeFile } from "../provider/place-file.ts";
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

const bundle = async (root: string, { path, output }: Entry): Promise<void> => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`./${path}`],
    outfile: output,
    ...BUNDLING,
  });
  for (const { contents } of outputFiles) placeFile(output, contents);
};

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(0)} kB`.padStart(10);

const sizeLine = (name: string, bytes: Uint8Array): string =>
  `${name.padEnd(12)}${kilobytes(bytes.length)}${kilobytes(gzipSync(bytes).length)}`;

if (process.argv[1] === import.meta.filename) {
  const entries = functionEntries(BUNDLES);
  const [provider] = await Promise.all([buildProvider(), buildBundles(ROOT, entries)]);
  layProvider(providerFolder(BUNDLES), provider);
  const head = `${"function".padEnd(12)}${"bundle".padStart(10)}${"gzipped".padStart(10)}`;
  const sizes = entries.map(({ name, output }) => sizeLine(name, readFileSync(output)));
  const last = sizeLine("provider", provider.bundle);
  if (!process.argv.includes("--quiet"))
    console.log([head, ...sizes, `${last}   version ${provider.version}`].join("\n"));
}
