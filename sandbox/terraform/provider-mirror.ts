import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type ProviderMirror, REGISTRY_HOST } from "./provider-source.ts";

const LOWEST = [5, 100, 0];
const BELOW = [7, 0, 0];

/** Only released versions: a provider constraint without a prerelease in it admits none. */
const parseVersion = (text: string): readonly number[] | undefined => {
  const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(text);
  return match?.slice(1).map(Number);
};

const compare = (left: readonly number[], right: readonly number[]): number => {
  const different = left.findIndex((part, index) => part !== right[index]);
  return different < 0 ? 0 : (left[different] ?? 0) - (right[different] ?? 0);
};

/** The highest of these versions within `AWS_PROVIDER_VERSIONS`. */
export const bestAwsProviderVersion = (versions: readonly string[]): string | undefined => {
  const parsed = versions.map(parseVersion).filter((version) => version !== undefined);
  const fitting = parsed.filter((version) => compare(version, LOWEST) >= 0 && compare(version, BELOW) < 0);
  return fitting.sort(compare).at(-1)?.join(".");
};

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => []);

const packedVersion = (name: string, platform: string): string | undefined => {
  const version = /^terraform-provider-aws_([^_]+)_/.exec(name)?.[1];
  return version && name === `terraform-provider-aws_${version}_${platform}.zip` ? version : undefined;
};

const isUnpacked = async (folder: string, platform: string): Promise<boolean> =>
  (await namesIn(join(folder, platform))).some((name) => name.startsWith("terraform-provider-aws"));

/**
 * The AWS provider in a folder that is laid out as a mirror, for a platform such as `linux_amd64`: unpacked
 * (`<host>/hashicorp/aws/<version>/<platform>/`) or packed (`<host>/hashicorp/aws/terraform-provider-aws_….zip`).
 * A folder that cannot be read holds none.
 */
export const findInMirror = async (folder: string, platform: string): Promise<ProviderMirror | undefined> => {
  const providerFolder = join(folder, REGISTRY_HOST, "hashicorp", "aws");
  const versions: string[] = [];
  for (const name of await namesIn(providerFolder)) {
    const packed = packedVersion(name, platform);
    if (packed) versions.push(packed);
    else if (await isUnpacked(join(providerFolder, name), platform)) versions.push(name);
  }
  const version = bestAwsProviderVersion(versions);
  return version === undefined ? undefined : { folder, version };
};
