import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Zippable, zipSync } from "fflate";
import * as z from "zod";
import { PLATFORMS, PROVIDER_ADDRESS } from "./address.ts";
import { type BuiltProvider, packageFiles } from "./layout.ts";
import { placeFile } from "./place-file.ts";

/** Zip keeps local times without a zone, so that a local noon gives the same bytes everywhere. */
const FILE_TIME = new Date(2000, 0, 1, 12);
const UNIX = 3;
const REGULAR_FILE = 0o100000;

const zipOf = (provider: BuiltProvider): Uint8Array => {
  const entries = packageFiles(provider).map(({ name, contents, mode }) => [
    name,
    [contents, { mtime: FILE_TIME, os: UNIX, attrs: ((REGULAR_FILE | mode) << 16) >>> 0 }],
  ]);
  return zipSync(Object.fromEntries(entries) as Zippable);
};

const zipName = (version: string, platform: string): string =>
  `terraform-provider-${PROVIDER_ADDRESS.name}_${version}_${platform}.zip`;

const index = z.object({ versions: z.record(z.string(), z.object({})) });

/** The versions that a mirror offers already. */
const offered = (path: string): Readonly<Record<string, object>> =>
  existsSync(path) ? index.parse(JSON.parse(readFileSync(path, "utf8"))).versions : {};

const placeJson = (path: string, value: object): void =>
  placeFile(path, Buffer.from(`${JSON.stringify(value, null, 2)}\n`));

/**
 * Packs a provider into a folder that any web server can offer as a network mirror, over https, and that is a packed
 * filesystem mirror as well (Terraform: "Provider Network Mirror Protocol", "Explicit Installation Method Configuration").
 * Versions that are there already stay.
 */
export const packIntoMirror = (folder: string, provider: BuiltProvider): void => {
  const { host, namespace, name } = PROVIDER_ADDRESS;
  const place = join(folder, host, namespace, name);
  const { version } = provider;
  const zip = zipOf(provider);
  for (const platform of PLATFORMS) placeFile(join(place, zipName(version, platform)), zip);
  const archives = Object.fromEntries(PLATFORMS.map((one) => [one, { url: zipName(version, one) }]));
  placeJson(join(place, `${version}.json`), { archives });
  const path = join(place, "index.json");
  placeJson(path, { versions: { ...offered(path), [version]: {} } });
};
