import { createHash } from "node:crypto";
import { type Zippable, zipSync } from "fflate";

/** Zip keeps local times without a zone, so a local noon gives the same bytes everywhere, daylight saving or not. */
const FIXED_TIME = new Date(2000, 0, 1, 12);
const UNIX = 3;
const READABLE_FILE = 0o100644 << 16;

/**
 * A zip of the given files whose bytes depend on their names and contents alone.
 * @param files name in the zip to content
 */
export const functionZip = (files: Readonly<Record<string, Uint8Array>>): Uint8Array => {
  const options = { mtime: FIXED_TIME, os: UNIX, attrs: READABLE_FILE, level: 9 } as const;
  const entries = Object.keys(files)
    .sort()
    .map((name) => [name, [files[name], options]]);
  return zipSync(Object.fromEntries(entries) as Zippable);
};

/** The hash that Lambda keeps of a zip: base64 of its SHA-256. */
export const zipHash = (zip: Uint8Array): string => createHash("sha256").update(zip).digest("base64");
