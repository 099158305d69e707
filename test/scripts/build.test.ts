import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { FUNCTION_NAMES } from "../../constructs/functions.ts";
import { buildBundles, functionEntries } from "../../scripts/build.ts";
import { temporaryFolder } from "../constructs/temporary-folder.ts";

const ROOT = join(import.meta.dirname, "../..");

const build = async (root: string): Promise<Record<string, string>> => {
  const output = temporaryFolder();
  const entries = functionEntries(output);
  await buildBundles(root, entries);
  return Object.fromEntries(entries.map((entry) => [entry.name, readFileSync(entry.output, "utf8")]));
};

/** The same source in another folder, as another person's checkout has it. */
const checkout = (): string => {
  const folder = temporaryFolder();
  for (const part of ["lambdas", "package.json", "tsconfig.json"])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
};

describe("the bundles", () => {
  let bundles: Record<string, string>;
  beforeAll(async () => {
    bundles = await build(ROOT);
  });

  test("are one for each function", () => {
    expect(Object.keys(bundles).sort()).toEqual([...FUNCTION_NAMES].sort());
  });

  test("stay below 2.2 MB, so that a cold start stays short", () => {
    for (const [name, code] of Object.entries(bundles)) expect(Buffer.byteLength(code), name).toBeLessThan(2_200_000);
  });

  test("export their handler in a folder with nothing else but grants.json", () => {
    for (const code of Object.values(bundles)) {
      const folder = temporaryFolder();
      writeFileSync(join(folder, "index.js"), code);
      writeFileSync(join(folder, "grants.json"), "{}");
      const printed = execFileSync(process.execPath, ["-p", "typeof require('./index.js').handler"], {
        cwd: folder,
        env: { LAMBDA_TASK_ROOT: folder, AWS_REGION: "eu-central-1" },
        encoding: "utf8",
      });
      expect(printed.trim()).toBe("function");
    }
  });

  test("are the same when they are built again", async () => {
    expect(await build(ROOT)).toEqual(bundles);
  });

  test("are the same when they are built in another folder", async () => {
    expect(await build(checkout())).toEqual(bundles);
  });

  test("tell nothing of the folder that they were built in", () => {
    for (const code of Object.values(bundles)) expect(code.includes(ROOT)).toBe(false);
  });
});

test("an entry that is not there is named", async () => {
  const entry = { name: "rotate", path: "lambdas/nowhere.ts", output: join(ROOT, "nothing.js") };

  await expect(buildBundles(ROOT, [entry])).rejects.toThrow("lambdas/nowhere.ts is missing");
});
