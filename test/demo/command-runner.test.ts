import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isAlive } from "../../sandbox/aws/owned-folder.ts";
import { cdktfArguments, createCommandRunner } from "../../sandbox/demo/cdktf.ts";
import { temporaryFolder } from "../constructs/temporary-folder.ts";

const TIMEOUT_MS = 60_000;

const make = () => {
  const runner = createCommandRunner();
  const logFile = join(temporaryFolder(), "log");
  const lines: string[] = [];
  const options = { environment: { PATH: process.env.PATH }, logFile, onLine: (line: string) => lines.push(line) };
  const run = (script: string) => runner.run("sh", ["-c", script], options);
  return { runner, run, lines, log: () => readFileSync(logFile, "utf8") };
};

describe("a command", { timeout: TIMEOUT_MS }, () => {
  test("gives what it printed, tells each line, and leaves all of it in the log", async () => {
    const { run, lines, log } = make();
    expect(await run("echo one; echo two")).toBe("one\ntwo");
    await run("echo three");
    expect(lines).toEqual(["one", "two", "three"]);
    expect(log()).toBe("one\ntwo\nthree\n");
  });

  test("that fails is an error with its code and the end of what it printed", async () => {
    const { run } = make();
    await expect(run("for i in $(seq 100); do echo line $i; done; echo broken >&2; exit 3")).rejects.toThrow(
      /^sh -c .* ended with 3:\n.*broken/s,
    );
    const error: Error = await run("for i in $(seq 100); do echo line $i; done; exit 3").catch((thrown) => thrown);
    expect(error.message).toContain("line 71\n");
    expect(error.message).not.toContain("line 70\n");
  });

  test("is not started when its log cannot be written", async () => {
    const { runner, lines } = make();
    const logFile = join(temporaryFolder(), "no-such-folder", "log");
    const run = runner.run("sh", ["-c", "echo one"], { environment: {}, logFile, onLine: (line) => lines.push(line) });
    await expect(run).rejects.toThrow("no-such-folder");
    expect(lines).toEqual([]);
  });

  test("that cannot be run is an error", async () => {
    const { runner } = make();
    const logFile = join(temporaryFolder(), "log");
    const run = runner.run("no-such-command", [], { environment: {}, logFile, onLine: () => {} });
    await expect(run).rejects.toThrow("ENOENT");
  });
});

describe("stopping", { timeout: TIMEOUT_MS }, () => {
  test("ends the command that runs, and what it started", async () => {
    const { runner, run, lines } = make();
    const running = run("sh -c 'echo $$; exec sleep 600'; exit 1").catch((error) => error);
    await expect.poll(() => lines).toHaveLength(1);

    await runner.stop();

    expect(await running).toBeInstanceOf(Error);
    await expect.poll(() => isAlive(Number(lines[0]))).toBe(false);
  });

  test("lets nothing more start", async () => {
    const { runner, run } = make();
    await runner.stop();
    await expect(run("echo one")).rejects.toThrow("stopped");
  });
});

describe("the arguments of the cdktf CLI", () => {
  const call = { command: "deploy", stack: "a", output: "out", isSynthesized: false } as const;

  test("name an app where it is not the project's own", () => {
    expect(cdktfArguments(call)).not.toContain("--app");
    expect(cdktfArguments({ ...call, app: "node other.ts" }).join(" ")).toContain(" --app node other.ts --output out");
  });
});
