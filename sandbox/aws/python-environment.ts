import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { makeOwnedFolder, removeAbandonedFolders } from "./owned-folder.ts";
import { findPython, HOW_TO_GET_PYTHON, MINIMUM_PYTHON } from "./python-interpreter.ts";

/** A virtual environment with packages of Python. */
export interface PythonEnvironment {
  readonly folder: string;
  /** Its interpreter. */
  readonly python: string;
}

export interface PythonEnvironmentOptions {
  /** The sandbox's state folder. Default `.sandbox`. */
  readonly stateFolder?: string;
  /** The environment's folder in it. Default `venv`. */
  readonly name?: string;
  /** Path of the file with what is installed into it. Default: ministack and boto3. */
  readonly requirements?: string;
  /** Told what takes time, one sentence each. Default: nobody is told. */
  readonly onProgress?: (message: string) => void;
  /** Default: this process's. */
  readonly environment?: NodeJS.ProcessEnv;
}

const REQUIREMENTS = fileURLToPath(new URL("requirements.txt", import.meta.url));
const MARKER = "keyturn-complete";
const INSTALL_TIMEOUT_MS = 10 * 60_000;

/** Runs a step of the set-up; one that fails is an error with everything that it printed. */
const run = (what: string, command: string, parameters: readonly string[], environment: NodeJS.ProcessEnv) =>
  new Promise<void>((done, fail) => {
    const options = { env: environment, timeout: INSTALL_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
    execFile(command, [...parameters], options, (error, stdout, stderr) => {
      if (!error) return done();
      const printed = `${stdout}\n${stderr}`.trim();
      fail(new Error(`${what} failed (${command} ${parameters.join(" ")}). It printed:\n${printed}`, { cause: error }));
    });
  });

const pythonOf = (folder: string): string => join(folder, "bin", "python");

/** Finished, for these requirements, and with an interpreter: a link to one that was taken from the machine is none. */
const isComplete = async (folder: string, wanted: string): Promise<boolean> => {
  const marker = await readFile(join(folder, MARKER), "utf8").catch(() => undefined);
  return marker === wanted && existsSync(pythonOf(folder));
};

const choosePythonCommand = async (environment: NodeJS.ProcessEnv) => {
  const choice = await findPython(environment);
  if (choice.found) return choice.found;
  throw new Error(`Python ${MINIMUM_PYTHON} or newer is needed, but ${choice.problem}. ${HOW_TO_GET_PYTHON}`);
};

const PIP = ["-m", "pip", "install", "--no-deps", "--no-compile", "--no-input", "--disable-pip-version-check"];

const requirementsOf = ({ requirements = REQUIREMENTS }: PythonEnvironmentOptions): string => requirements;
const nameOf = ({ name = "venv" }: PythonEnvironmentOptions): string => name;

const fill = async (folder: string, wanted: string, options: PythonEnvironmentOptions): Promise<void> => {
  const environment = options.environment ?? process.env;
  const { command, version } = await choosePythonCommand(environment);
  options.onProgress?.(`Making a virtual environment with Python ${version} for the AWS stand-in (once)`);
  await run("Making the virtual environment", command, ["-m", "venv", folder], environment);
  options.onProgress?.("Installing the AWS stand-in and boto3 into it (once, about 20 MB to download)");
  await run("Installing into it", pythonOf(folder), [...PIP, "-r", requirementsOf(options)], environment);
  await writeFile(join(folder, MARKER), wanted);
};

/** Builds beside the final place, so that only a finished environment ever gets its name. Returns the path. */
const build = async (stateFolder: string, wanted: string, options: PythonEnvironmentOptions): Promise<string> => {
  const folder = await makeOwnedFolder(stateFolder, nameOf(options));
  try {
    await fill(folder, wanted, options);
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
};

/** Gives a finished environment its place; when another process was first, its environment stays and ours goes. */
const settle = async (built: string, place: string, wanted: string): Promise<void> => {
  if (!(await isComplete(place, wanted))) {
    await rm(place, { recursive: true, force: true });
    const failure = await rename(built, place).catch((error: unknown) => error);
    if (failure === undefined) return;
    if (!(await isComplete(place, wanted))) throw failure;
  }
  await rm(built, { recursive: true, force: true });
};

/**
 * Makes the virtual environment, once. One that is half made, or made for other requirements, is made again; several
 * processes may do this at the same time.
 * @throws when no fitting Python is there (with how to get one), or pip fails (with what it printed)
 */
export const preparePythonEnvironment = async (options: PythonEnvironmentOptions = {}): Promise<PythonEnvironment> => {
  const stateFolder = resolve(options.stateFolder ?? ".sandbox");
  const folder = join(stateFolder, nameOf(options));
  const wanted = createHash("sha256")
    .update(await readFile(requirementsOf(options)))
    .digest("hex");
  if (!(await isComplete(folder, wanted))) {
    await mkdir(stateFolder, { recursive: true });
    await removeAbandonedFolders(stateFolder, nameOf(options));
    await settle(await build(stateFolder, wanted, options), folder, wanted);
  }
  return { folder, python: pythonOf(folder) };
};
