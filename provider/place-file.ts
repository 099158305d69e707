import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const READABLE = 0o644;

/** Puts a file in place whole, and only when it changes: whoever reads it meanwhile never meets half of one. */
export const placeFile = (path: string, contents: Uint8Array, mode: number = READABLE): void => {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const half = `${path}.${process.pid}`;
  writeFileSync(half, contents);
  chmodSync(half, mode);
  renameSync(half, path);
};
