import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makeOwnedFolder, removeAbandonedFolders } from "../../sandbox/aws/owned-folder.ts";
import { findPython } from "../../sandbox/aws/python-interpreter.ts";
import { PROJECT } from "../demo/command.ts";

const REQUIREMENTS = fileURLToPath(new URL("requirements.txt", import.meta.url));
const STATE = join(PROJECT, ".sandbox");
const INSTALL = [
  "-m",
  "pip",
  "install",
  "--no-deps",
  "--no-compile",
  "--no-input",
  "--disable-pip-version-check",
  "-q",
];

const run = promisify(execFile);

/**
 * Installs the AWS CLI into a virtual environment of the tests' own, once, and gives the interpreter to call it with
 * (`-m awscli`). One that is half made, or made for other requirements, is made again.
 */
export const prepareAwsCli = async (): Promise<string> => {
  const version = createHash("sha256")
    .update(await readFile(REQUIREMENTS))
    .digest("hex")
    .slice(0, 12);
  const place = join(STATE, `awscli-${version}`);
  const python = join(place, "bin", "python");
  if (existsSync(join(place, "complete"))) return python;

  const { found } = await findPython();
  if (!found) throw new Error("there is no Python to install the AWS CLI for");
  await mkdir(STATE, { recursive: true });
  await removeAbandonedFolders(STATE, "awscli-new");
  const folder = await makeOwnedFolder(STATE, "awscli-new");
  await run(found.command, ["-m", "venv", folder]);
  await run(join(folder, "bin", "python"), [...INSTALL, "-r", REQUIREMENTS]);
  await writeFile(join(folder, "complete"), "");
  await rm(place, { recursive: true, force: true });
  await rename(folder, place);
  return python;
};
