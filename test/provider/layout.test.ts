import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PLATFORMS } from "../../provider/address.ts";
import { buildProvider } from "../../provider/build.ts";
import { executableName, laidProvider, layProvider, PLUGINS_FOLDER, packageFolder } from "../../provider/layout.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const providerOf = (version: string) => ({ version, bundle: Buffer.from(`bundle ${version}`) });

test("every platform gets the same bytes, which can be run", () => {
  layProvider(folder, providerOf("0.1.7"));

  for (const platform of PLATFORMS) {
    const place = packageFolder(join(folder, PLUGINS_FOLDER), "0.1.7", platform);
    const executable = join(place, executableName("0.1.7"));
    expect(readdirSync(place).sort()).toEqual(["package.json", executableName("0.1.7")]);
    expect(readFileSync(executable, "utf8")).toBe("bundle 0.1.7");
    expect(statSync(executable).mode & 0o777).toBe(0o755);
  }
});

test("an earlier version is gone, so that the folder does not grow", () => {
  layProvider(folder, providerOf("0.1.7"));
  layProvider(folder, providerOf("0.1.8"));

  const versions = join(packageFolder(join(folder, PLUGINS_FOLDER), "0.1.8", "linux_amd64"), "..", "..");
  expect(readdirSync(versions)).toEqual(["0.1.8"]);
});

test("what is there already is left as it is, so that whoever runs it meanwhile is not disturbed", () => {
  layProvider(folder, providerOf("0.1.7"));
  const executable = join(packageFolder(join(folder, PLUGINS_FOLDER), "0.1.7", "linux_amd64"), executableName("0.1.7"));
  const { ino } = statSync(executable);

  layProvider(folder, providerOf("0.1.7"));

  expect(statSync(executable).ino).toBe(ino);
});

test("what was laid is found again, and nothing where nothing was laid, or half of it", () => {
  const half = join(folder, "half");
  mkdirSync(packageFolder(join(half, PLUGINS_FOLDER), "0.1.7", "linux_amd64"), { recursive: true });
  layProvider(folder, providerOf("0.1.7"));

  expect(laidProvider(folder)).toEqual(providerOf("0.1.7"));
  expect(laidProvider(join(folder, "nowhere"))).toBeUndefined();
  expect(laidProvider(half)).toBeUndefined();
});

test("the same source gives the same version, which stands for the bytes", async () => {
  const [first, second] = [await buildProvider(), await buildProvider()];

  expect(first.version).toMatch(/^0\.1\.\d+$/);
  expect([second.version, Buffer.from(second.bundle)]).toEqual([first.version, Buffer.from(first.bundle)]);
});

test("the bundle says nothing of the machine that it was built on", async () => {
  const text = Buffer.from((await buildProvider()).bundle).toString("utf8");

  expect(text.startsWith("#!/bin/sh\n")).toBe(true);
  expect(text.includes(process.cwd())).toBe(false);
});
