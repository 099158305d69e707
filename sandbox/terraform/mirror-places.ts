import { readdir } from "node:fs/promises";
import { join } from "node:path";

export interface Machine {
  /** As `process.platform`. */
  readonly platform: NodeJS.Platform;
  readonly homeFolder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** A folder that may be a mirror itself, or hold one so many levels below. */
export interface MirrorPlace {
  readonly folder: string;
  readonly levelsBelow: number;
}

const windowsFolders = (applicationData: string | undefined): readonly string[] =>
  applicationData
    ? [join(applicationData, "terraform.d", "plugins"), join(applicationData, "HashiCorp", "Terraform", "plugins")]
    : [];

const macFolders = (home: string): readonly string[] => [
  join(home, ".terraform.d", "plugins"),
  join(home, "Library", "Application Support", "io.terraform", "plugins"),
  "/Library/Application Support/io.terraform/plugins",
];

const unixFolders = (home: string, environment: NodeJS.ProcessEnv): readonly string[] => {
  const own = environment.XDG_DATA_HOME || join(home, ".local", "share");
  const shared = (environment.XDG_DATA_DIRS || "/usr/local/share:/usr/share").split(":");
  const data = [own, ...shared].filter((folder) => folder !== "");
  return [join(home, ".terraform.d", "plugins"), ...data.map((folder) => join(folder, "terraform", "plugins"))];
};

/** Where Terraform itself looks for providers (its CLI documentation, "Implied Local Mirror Directories"). */
export const impliedMirrorFolders = ({ platform, homeFolder, environment }: Machine): readonly string[] => {
  if (platform === "win32") return windowsFolders(environment.APPDATA);
  return platform === "darwin" ? macFolders(homeFolder) : unixFolders(homeFolder, environment);
};

/** Where software is usually added to a system, beside its packages (the Filesystem Hierarchy Standard). */
const ADDED_SOFTWARE: readonly MirrorPlace[] = [
  { folder: "/opt", levelsBelow: 2 },
  { folder: "/srv", levelsBelow: 2 },
  { folder: "/usr/local/share", levelsBelow: 1 },
  { folder: "/usr/local/lib", levelsBelow: 1 },
  { folder: "/usr/share", levelsBelow: 1 },
  { folder: "/usr/lib", levelsBelow: 1 },
  { folder: "/var/lib", levelsBelow: 1 },
  { folder: "/opt/homebrew/share", levelsBelow: 1 },
];

/** Everywhere that a mirror is looked for, best place first. */
export const mirrorPlaces = (machine: Machine): readonly MirrorPlace[] => [
  ...impliedMirrorFolders(machine).map((folder) => ({ folder, levelsBelow: 0 })),
  ...(machine.platform === "win32" ? [] : ADDED_SOFTWARE),
];

const foldersIn = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []); // not there, or not for us to read
  return entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => join(folder, name));
};

/** The folder and those below it, as deep as the place says, parents first and by name. */
export const foldersOf = async ({ folder, levelsBelow }: MirrorPlace): Promise<readonly string[]> => {
  if (levelsBelow === 0) return [folder];
  const children = [...(await foldersIn(folder))].sort();
  const below = await Promise.all(children.map((child) => foldersOf({ folder: child, levelsBelow: levelsBelow - 1 })));
  return [folder, ...below.flat()];
};
