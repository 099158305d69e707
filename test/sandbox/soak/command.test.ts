import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { optionsOf, soakCommand } from "../../../sandbox/soak/options.ts";
import { temporaryFolder } from "../../constructs/temporary-folder.ts";
import { runCommand, SOAK } from "../../demo/command.ts";

const TIMEOUT_MS = 60_000;

const parse = (...words: string[]) => optionsOf(soakCommand().parse(words, { from: "user" }));

describe("the options", () => {
  test("are five minutes, fifty keys and a seed of its own where they are not given", () => {
    expect(parse()).toMatchObject({ minutes: 5, keys: 50, json: false });
    expect(parse().seed).not.toBe(parse().seed);
  });

  test("are taken as they are given", () => {
    const given = parse("--minutes", "20.5", "--keys", "10", "--seed", "7", "--json");
    expect(given).toEqual({ minutes: 20.5, keys: 10, seed: 7, json: true });
  });
});

describe("a value that is none", () => {
  test.each([
    ["minutes", ["--minutes", "long"], "it must be a number from 0.1 to 1440"],
    ["keys", ["--keys", "2.5"], "it must be a whole number from 2 to 100"],
    ["a seed", ["--seed", ""], "it must be a whole number from 0 to 4294967295"],
  ])("of %s is refused, and what it must be is said", (_, words, message) => {
    const command = soakCommand()
      .configureOutput({ writeErr: () => {} })
      .exitOverride();
    expect(() => command.parse(words, { from: "user" })).toThrow(message);
  });
});

const soak = (words: readonly string[], cwd: string, env = {}) => runCommand(SOAK, words, { cwd, env });

describe("the command", { timeout: TIMEOUT_MS }, () => {
  test("explains its options by --help", async () => {
    const { code, stdout } = await soak(["--help"], temporaryFolder());
    for (const option of ["--minutes", "--keys", "--seed", "--json"]) expect(stdout).toContain(option);
    expect(stdout).toContain("Exit codes: 0 all of it held");
    expect(code).toBe(0);
  });

  test("refuses an unknown option before anything starts", async () => {
    const cwd = temporaryFolder();
    const { code, stdout, stderr } = await soak(["--minute", "1"], cwd);
    expect(stderr).toContain("unknown option '--minute'");
    expect([code, stdout, readdirSync(cwd)]).toEqual([2, "", []]);
  });

  test("says what is missing and how to get it, and starts nothing", async () => {
    const cwd = temporaryFolder();
    const nothing = { PATH: "", KEYTURN_TERRAFORM: undefined, KEYTURN_PYTHON: undefined };
    const { code, stdout, stderr } = await soak([], cwd, nothing);
    expect(stderr).toContain("what the soak needs is missing:\nTerraform (>= 1.11)");
    expect(stderr).toContain("Python (>= 3.10 with its venv module)");
    expect([code, stdout]).toEqual([2, ""]);
    expect(existsSync(join(cwd, ".sandbox")) ? readdirSync(join(cwd, ".sandbox")) : []).toEqual([]);
  });
});
