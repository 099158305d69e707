import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PLATFORMS, PROVIDER_ADDRESS } from "./address.ts";
import { placeFile } from "./place-file.ts";

/** A provider that was built. */
export interface BuiltProvider {
  readonly version: string;
  readonly bundle: Uint8Array;
}

/** The folder that Terraform looks into beside a stack. */
export const PLUGINS_FOLDER = join("terraform.d", "plugins");

export const executableName = (version: string): string => `terraform-provider-${PROVIDER_ADDRESS.name}_v${version}`;

const versionsFolder = (mirror: string): string =>
  join(mirror, PROVIDER_ADDRESS.host, PROVIDER_ADDRESS.namespace, PROVIDER_ADDRESS.name);

/** Terraform's layout of unpacked providers: `<host>/<namespace>/<name>/<version>/<os_arch>`. */
export const packageFolder = (mirror: string, version: string, platform: string): string =>
  join(versionsFolder(mirror), version, platform);

/** Without it Node would take the file, which has no extension, for what a `package.json` further up says. */
const PACKAGE_JSON = '{"type":"commonjs"}\n';

const READABLE = 0o644;
const RUNNABLE = 0o755;

/** What a package of a provider is made of, the same for every platform. */
export const packageFiles = ({ version, bundle }: BuiltProvider) =>
  [
    { name: "package.json", contents: Buffer.from(PACKAGE_JSON), mode: READABLE },
    { name: executableName(version), contents: bundle, mode: RUNNABLE },
  ] as const;

const layOne = (folder: string, provider: BuiltProvider): void => {
  for (const { name, contents, mode } of packageFiles(provider)) placeFile(join(folder, name), contents, mode);
};

const versionsIn = (folder: string): readonly string[] => {
  const versions = versionsFolder(join(folder, PLUGINS_FOLDER));
  return existsSync(versions) ? readdirSync(versions) : [];
};

/**
 * Lays a provider beside a stack, for every platform. The bytes are the same for all, and so is their hash in Terraform's
 * lock file. Versions that an earlier build left there are removed.
 * @param stackFolder where Terraform runs
 */
export const layProvider = (stackFolder: string, provider: BuiltProvider): void => {
  const mirror = join(stackFolder, PLUGINS_FOLDER);
  for (const platform of PLATFORMS) layOne(packageFolder(mirror, provider.version, platform), provider);
  for (const version of versionsIn(stackFolder))
    if (version !== provider.version) rmSync(join(versionsFolder(mirror), version), { recursive: true, force: true });
};

/** The provider that was laid into a folder; `undefined` when none is there, or half of one. */
export const laidProvider = (folder: string): BuiltProvider | undefined => {
  const mirror = join(folder, PLUGINS_FOLDER);
  for (const version of versionsIn(folder)) {
    const executable = join(packageFolder(mirror, version, PLATFORMS[0]), executableName(version));
    if (existsSync(executable)) return { version, bundle: readFileSync(executable) };
  }
  return undefined;
};
