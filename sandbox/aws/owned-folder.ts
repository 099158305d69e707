import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Whether a process of this id runs. One that runs but belongs to somebody else counts. */
export const isAlive = (processId: number): boolean => {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** Makes `<parent>/<prefix>-<our process id>-<random>`, which tells whoever comes later whose it was. Returns its path. */
export const makeOwnedFolder = async (parent: string, prefix: string): Promise<string> => {
  const path = join(parent, `${prefix}-${process.pid}-${randomBytes(4).toString("hex")}`);
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
};

const ownerOf = (name: string, prefix: string): number | undefined => {
  const match = new RegExp(`^${prefix}-(\\d+)-[0-9a-f]{8}$`).exec(name);
  return match ? Number(match[1]) : undefined;
};

/** Removes the folders of this prefix whose owners are gone, as a process leaves them that was killed. */
export const removeAbandonedFolders = async (parent: string, prefix: string): Promise<void> => {
  for (const name of await readdir(parent)) {
    const owner = ownerOf(name, prefix);
    if (owner !== undefined && !isAlive(owner)) await rm(join(parent, name), { recursive: true, force: true });
  }
};
