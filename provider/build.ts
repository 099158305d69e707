import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { BUNDLING } from "../scripts/bundling.ts";
import type { BuiltProvider } from "./layout.ts";

const ROOT = join(import.meta.dirname, "..");

/**
 * The file's first two lines: a shell reads the second as a command, and Node.js as a text and a comment. What NODE_OPTIONS has for
 * other programs, such as modules that print where Terraform waits for an address, is none of a provider's.
 */
const LAUNCHER = `#!/bin/sh
":" //; unset NODE_OPTIONS; exec node "$0" "$@"`;

const bundle = async (): Promise<Uint8Array> => {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ["./provider/main.ts"],
    ...BUNDLING,
    banner: { js: LAUNCHER },
  });
  const [file] = outputFiles;
  if (file) return file.contents;
  throw new Error("esbuild made no file of provider/main.ts");
};

/** The package's own major and minor version, and 32 bits of the bundle's hash: other bytes, another version. */
const versionOf = (contents: Uint8Array): string => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly version: string };
  const [major, minor] = version.split(".");
  return `${major}.${minor}.${createHash("sha256").update(contents).digest().readUInt32BE(0)}`;
};

/** Bundles the provider. The same source gives the same bytes and version, in whatever folder it lies. */
export const buildProvider = async (): Promise<BuiltProvider> => {
  const contents = await bundle();
  return { version: versionOf(contents), bundle: contents };
};
