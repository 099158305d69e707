import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where the sandbox keeps what it makes, below the folder that it is started in. */
export const STATE_FOLDER = ".sandbox";

/** The only files of the sandbox that may hold an admin key. */
export const ENVIRONMENT_FILES = ["env", "env.json"] as const;

const OWNER_ONLY = 0o600;

/** A text as one word of a shell. */
export const shellQuoted = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;

/** Lines for a shell to source. */
export const shellExports = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `export ${name}=${shellQuoted(value)}\n`)
    .join("");

const writeWhole = async (path: string, text: string): Promise<void> => {
  const half = `${path}.${process.pid}`;
  await writeFile(half, text, { mode: OWNER_ONLY });
  await rename(half, path);
};

/** Writes how to reach the sandbox, for shells (`env`) and for programs (`env.json`), readable by their owner alone. */
export const writeEnvironmentFiles = async (
  stateFolder: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> => {
  await mkdir(stateFolder, { recursive: true });
  await writeWhole(join(stateFolder, "env"), shellExports(variables));
  await writeWhole(join(stateFolder, "env.json"), `${JSON.stringify(variables, null, 2)}\n`);
};

export const removeEnvironmentFiles = async (stateFolder: string): Promise<void> => {
  for (const name of ENVIRONMENT_FILES) await rm(join(stateFolder, name), { force: true });
};
