import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { makeOwnedFolder, removeAbandonedFolders } from "./owned-folder.ts";

/** Where one run of ministack, and every Lambda that it starts, works. */
export interface MinistackPlaces {
  /** Its own folder, removed when it ends: temporary files, unpacked Lambdas, home. */
  readonly runFolder: string;
  /** Holds a `node` that is the Node we run, and comes first on PATH: Lambdas start whatever `node` is. */
  readonly commandFolder: string;
  /** Holds `@aws-sdk`: AWS's Node runtimes have the SDK, and a function that does not bring it must find it here too. */
  readonly modulesFolder: string;
}

const SCOPE = "@aws-sdk";

/** The folder `@aws-sdk` that our own clients are in. */
const sdkFolder = (): string => {
  const client = createRequire(import.meta.url).resolve(`${SCOPE}/client-secrets-manager`);
  return client.slice(0, client.lastIndexOf(SCOPE) + SCOPE.length);
};

const fill = async ({ runFolder, commandFolder, modulesFolder }: MinistackPlaces): Promise<void> => {
  // An end to the search for the package that a Lambda's files belong to: ours, further up, would make them ESM.
  await writeFile(join(runFolder, "package.json"), "{}\n");
  await mkdir(commandFolder);
  await symlink(process.execPath, join(commandFolder, "node"));
  await mkdir(modulesFolder);
  await symlink(sdkFolder(), join(modulesFolder, SCOPE));
};

/** Makes the places in the state folder, and removes those that killed processes left there. */
export const makeMinistackPlaces = async (stateFolder: string): Promise<MinistackPlaces> => {
  await mkdir(stateFolder, { recursive: true });
  await removeAbandonedFolders(stateFolder, "ministack");
  const runFolder = await makeOwnedFolder(stateFolder, "ministack");
  const places = { runFolder, commandFolder: join(runFolder, "bin"), modulesFolder: join(runFolder, "modules") };
  await fill(places);
  return places;
};
