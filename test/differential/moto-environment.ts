import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makeOwnedFolder, removeAbandonedFolders } from "../../sandbox/aws/owned-folder.ts";
import { findPython } from "../../sandbox/aws/python-interpreter.ts";

const REQUIREMENTS = fileURLToPath(new URL("requirements-moto.txt", import.meta.url));
const STATE_FOLDER = resolve(".sandbox");
const PREFIX = "moto-venv";
const MARKER = "keyturn-complete";
const PIP = ["-m", "pip", "install", "--no-deps", "--no-compile", "--no-input", "--disable-pip-version-check"];

const run = promisify(execFile);

const pythonOf = (folder: string): string => join(folder, "bin", "python");

async function fill(folder: string, wanted: string): Promise<void> {
  const { found } = await findPython();
  if (!found) throw new Error("no Python was found, although the tests were not skipped");
  await run(found.command, ["-m", "venv", folder]);
  await run(pythonOf(folder), [...PIP, "-r", REQUIREMENTS], { maxBuffer: 64 * 1024 * 1024 });
  await writeFile(join(folder, MARKER), wanted);
}

async function isComplete(folder: string, wanted: string): Promise<boolean> {
  const marker = await readFile(join(folder, MARKER), "utf8").catch(() => undefined);
  return marker === wanted && existsSync(pythonOf(folder));
}

/**
 * Makes a virtual environment with moto's server in `.sandbox/moto-venv`, once, again when the requirements change.
 * @returns its interpreter
 */
export async function prepareMotoEnvironment(): Promise<string> {
  const place = join(STATE_FOLDER, PREFIX);
  const wanted = createHash("sha256")
    .update(await readFile(REQUIREMENTS))
    .digest("hex");
  if (await isComplete(place, wanted)) return pythonOf(place);
  await mkdir(STATE_FOLDER, { recursive: true });
  await removeAbandonedFolders(STATE_FOLDER, PREFIX);
  const built = await makeOwnedFolder(STATE_FOLDER, PREFIX);
  await fill(built, wanted);
  await rm(place, { recursive: true, force: true });
  await rename(built, place);
  return pythonOf(place);
}
