import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { removeEnvironmentFiles, shellExports, writeEnvironmentFiles } from "../../sandbox/environment-files.ts";
import { temporaryFolder } from "../constructs/temporary-folder.ts";

const VARIABLES = { AWS_REGION: "us-east-1", PICTIFY_ADMIN_KEY: 'pk_live_it\'s $HOME `x` "y" \\ z' };

const OWNER_ONLY = "600";
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** What a shell makes of the exports. */
const sourced = (text: string, name: string): string =>
  execFileSync("sh", ["-c", `${text}\nprintf %s "$${name}"`], { env: {}, encoding: "utf8" });

describe("the exports for shells", () => {
  test("give every value as it is, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const value = text.replaceAll("\0", "");
        expect(sourced(shellExports({ VALUE: value }), "VALUE")).toBe(value);
      }),
      { numRuns: 20, examples: [["it's"], ["$(touch /tmp/x)"], ["a\nb"], ["--"], ["'''"]] },
    );
  });
});

describe("the environment files", () => {
  test("are readable by their owner alone, and say the same", async () => {
    const folder = join(temporaryFolder(), "not there yet");

    await writeEnvironmentFiles(folder, VARIABLES);

    expect(readdirSync(folder).sort()).toEqual(["env", "env.json"]);
    expect([modeOf(join(folder, "env")), modeOf(join(folder, "env.json"))]).toEqual([OWNER_ONLY, OWNER_ONLY]);
    expect(JSON.parse(readFileSync(join(folder, "env.json"), "utf8"))).toEqual(VARIABLES);
    expect(readFileSync(join(folder, "env"), "utf8")).toBe(shellExports(VARIABLES));
  });

  test("replace files that others could read", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "env"), "old", { mode: 0o644 });
    await writeEnvironmentFiles(folder, VARIABLES);
    expect(modeOf(join(folder, "env"))).toBe(OWNER_ONLY);
  });

  test("are removed, and nothing else is", async () => {
    const folder = temporaryFolder();
    await writeEnvironmentFiles(folder, VARIABLES);
    writeFileSync(join(folder, "ministack.log"), "");
    await removeEnvironmentFiles(folder);
    await removeEnvironmentFiles(folder);
    expect(readdirSync(folder)).toEqual(["ministack.log"]);
  });
});
