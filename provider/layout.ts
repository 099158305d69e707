import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PLATFORMS, PROVIDER_ADDRESS } from "./address.ts";

/** A provider that was built. */
export interface BuiltProvider {
  readonly version: string;
  readonly bundle: Uint8Array;
}

/** The folder that Terraform looks into beside a stack. */
export const PLUGINS_FOLDER = join("terraform.d", "plugins");

export const executableName = (version: string): string => `terraform-provider-${PROVIDER_ADDRESS.name}_v${version}`;

/** Terraform's layout of unpacked providers: `<host>/<namespace>/<name>/<version>/<os_arch>`. */
export const packageFolder = (mirror: string, version: string, platform: string): string =>
  join(mirror, PROVIDER_ADDRESS.host, PROVIDER_ADDRESS.namespace, PROVIDER_ADDRESS.name, version, platform);

/** Without it Node would take the file, which has no extension, for what a `package.json` further up says. */
const PACKAGE_JSON = '{"type":"commonjs"}\n';

const layOne = (folder: string, { version, bundle }: BuiltProvider): void => {
  const executable = join(folder, executableName(version));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), PACKAGE_JSON);
  writeFileSync(executable, bundle);
  chmodSync(executable, 0o755);
};

/**
 * Lays a provider beside a stack, for every platform. The bytes are the same for all, and so is their hash in Terraform's
 * lock file. Versions that an earlier build left there are removed.
 * @param stackFolder where Terraform runs
 */
export const layProvider = (stackFolder: string, provider: BuiltProvider): void => {
  const mirror = join(stackFolder, PLUGINS_FOLDER);
  const { host, namespace, name } = PROVIDER_ADDRESS;
  rmSync(join(mirror, host, namespace, name), { recursive: true, force: true });
  for (const platform of PLATFORMS) layOne(packageFolder(mirror, provider.version, platform), provider);
};
