import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { ENVIRONMENT_FILES } from "../environment-files.ts";

export interface Leak {
  readonly file: string;
  /** The first characters of the value: enough to find it, too few to use it. */
  readonly prefix: string;
}

const PREFIX_LENGTH = 12;

const isZip = (bytes: Buffer): boolean => bytes.length > 4 && bytes.readUInt32LE(0) === 0x04034b50;

/** The file's own bytes, and what is in it when it is a zip (bundles, Terraform's plans). */
const contents = (bytes: Buffer): readonly Buffer[] =>
  isZip(bytes) ? [bytes, ...Object.values(unzipSync(bytes)).map((entry) => Buffer.from(entry))] : [bytes];

/** As it is, in a URL, in JSON, and as the data of a Kubernetes Secret. */
const formsOf = (value: string): readonly string[] => [
  ...new Set([
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    value.replaceAll("/", "\\/"),
    Buffer.from(value).toString("base64"),
  ]),
];

const search = async (path: string, values: readonly string[]): Promise<readonly Leak[]> => {
  const parts = contents(await readFile(path));
  const found = values.filter((value) => formsOf(value).some((form) => parts.some((part) => part.includes(form))));
  return found.map((value) => ({ file: path, prefix: value.slice(0, PREFIX_LENGTH) }));
};

/**
 * Searches every file below a folder for values that must stand nowhere, in zips too.
 * @param values secret
 * @returns where they were found, and how many files were searched. The two files of the folder itself that tell how to reach
 * the sandbox are left out: they are the ones that may hold an admin key.
 */
export const searchForLeaks = async (
  folder: string,
  values: readonly string[],
): Promise<{ leaks: readonly Leak[]; files: number }> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !ENVIRONMENT_FILES.some((name) => path === join(folder, name)));
  const leaks: Leak[] = [];
  for (const file of files) leaks.push(...(await search(file, values)));
  return { leaks, files: files.length };
};
