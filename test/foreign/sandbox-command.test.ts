import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findPython } from "../../sandbox/aws/python-interpreter.ts";
import { checkPython } from "../../sandbox/prerequisites.ts";
import { temporaryFolder } from "../constructs/temporary-folder.ts";
import { runCommand, SANDBOX, startCommand } from "../demo/command.ts";
import { processesMarked } from "../demo/processes.ts";
import { describeUnlessMissing } from "../sandbox/describe-unless-missing.ts";
import {
  environmentFilesIn,
  type SandboxProcess,
  START_TIMEOUT_MS,
  sandboxFolder,
  startSandboxProcess,
} from "./sandbox-process.ts";

const VARIABLES = [
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_SECRETS_MANAGER",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "PICTOGRAPH_URL",
  "PICTOGRAPH_ADMIN_KEY",
  "PICTOGRAPH_ORGANIZATION_ID",
  "PICTIFY_URL",
  "PICTIFY_ADMIN_KEY",
];

const missing = [checkPython(await findPython())];

describeUnlessMissing(missing, "npm run sandbox, while it runs", () => {
  let sandbox: SandboxProcess;

  beforeAll(async () => {
    sandbox = await startSandboxProcess();
  }, START_TIMEOUT_MS);

  afterAll(() => sandbox.stop(), START_TIMEOUT_MS);

  test("has written how to reach it, readable by its owner alone", () => {
    expect(Object.keys(sandbox.variables)).toEqual(VARIABLES);
    for (const name of ["env", "env.json"]) expect(statSync(join(sandbox.stateFolder, name)).mode & 0o777).toBe(0o600);
  });

  test("has printed what a shell can source, the same as in the file", () => {
    const exports = readFileSync(join(sandbox.stateFolder, "env"), "utf8");
    expect(sandbox.command.printed()).toContain(exports);
    const sourced = execFileSync("sh", ["-c", `${exports}\nenv`], { env: {}, encoding: "utf8" });
    for (const [name, value] of Object.entries(sandbox.variables)) expect(sourced).toContain(`${name}=${value}\n`);
  });

  test("listens on loopback alone", () => {
    const urls = Object.entries(sandbox.variables).filter(([name]) => /URL/.test(name));
    expect(urls).toHaveLength(4);
    for (const [, url] of urls) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test("keeps admin keys out of every other file", () => {
    const files = readdirSync(sandbox.stateFolder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !["env", "env.json"].includes(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(readFileSync(file, "latin1")).not.toContain(sandbox.variables.PICTIFY_ADMIN_KEY);
  });

  test("refuses a second start from the same folder, and goes on", { timeout: START_TIMEOUT_MS }, async () => {
    const { code, stderr } = await runCommand(SANDBOX, [], { cwd: dirname(sandbox.stateFolder) });
    expect(stderr).toContain(`a sandbox runs from this folder already, at ${sandbox.variables.AWS_ENDPOINT_URL}`);
    expect(code).toBe(2);
    expect(environmentFilesIn(sandbox.stateFolder)).toEqual(["env", "env.json"]);
    expect((await fetch(`${sandbox.variables.AWS_ENDPOINT_URL}/_ministack/health`)).status).toBe(200);
  });
});

describeUnlessMissing(missing, "npm run sandbox, when it ends", () => {
  test("by Ctrl-C, leaves no process and no file with a key", { timeout: START_TIMEOUT_MS }, async () => {
    const { command, stateFolder, stop } = await startSandboxProcess();
    expect(
      processesMarked(command.mark)
        .map((one) => one.command)
        .join("\n"),
    ).toContain("ministack_host");

    await stop();

    expect(await command.ended).toMatchObject({ code: 130 });
    expect(processesMarked(command.mark)).toEqual([]);
    expect(environmentFilesIn(stateFolder)).toEqual([]);
  });

  test("by Ctrl-C while it starts, leaves neither", { timeout: START_TIMEOUT_MS }, async () => {
    const cwd = await sandboxFolder();
    const command = startCommand(SANDBOX, [], { cwd });
    while (processesMarked(command.mark).every((one) => !one.command.includes("ministack_host")))
      await new Promise((resolve) => setTimeout(resolve, 10));

    command.interrupt();

    expect(await command.ended).toMatchObject({ code: 130 });
    await expect.poll(() => processesMarked(command.mark), { timeout: START_TIMEOUT_MS }).toEqual([]);
    expect(environmentFilesIn(join(cwd, ".sandbox"))).toEqual([]);
  });

  test("by being killed, leaves files that do not hinder the next start", { timeout: START_TIMEOUT_MS }, async () => {
    const { command, stateFolder } = await startSandboxProcess();
    command.kill();
    await command.ended;
    await expect.poll(() => processesMarked(command.mark), { timeout: START_TIMEOUT_MS }).toEqual([]);

    const next = startCommand(SANDBOX, [], { cwd: dirname(stateFolder) });
    await next.says("Ready.");
    next.interrupt();

    expect(await next.ended).toMatchObject({ code: 130 });
    expect(environmentFilesIn(stateFolder)).toEqual([]);
  });
});

describeUnlessMissing(missing, "npm run sandbox with vendor servers of somebody else", () => {
  test("uses them, and does not print their admin keys", { timeout: START_TIMEOUT_MS }, async () => {
    const adminKey = "pk_live_admin_of_somebody";
    const sandbox = await startSandboxProcess({ PICTIFY_URL: "http://127.0.0.1:1", PICTIFY_ADMIN_KEY: adminKey });
    await sandbox.stop();
    expect(sandbox.variables.PICTIFY_ADMIN_KEY).toBe(adminKey);
    expect(sandbox.command.printed()).toContain("export PICTIFY_ADMIN_KEY='(as you set it)'");
    expect(sandbox.command.printed()).not.toContain(adminKey);
  });
});

test.for([
  ["an unknown option", ["--deploy"], {}, "unknown option '--deploy'"],
  ["variables that are set in part", [], { PICTIFY_URL: "http://127.0.0.1:1" }, "missing: PICTIFY_ADMIN_KEY"],
  ["no Python", [], { PATH: "", KEYTURN_PYTHON: undefined }, "Python (>= 3.10"],
] as const)(
  "npm run sandbox with %s does not start, and says why",
  { timeout: START_TIMEOUT_MS },
  async ([, arguments_, env, message]) => {
    const { code, stdout, stderr } = await runCommand(SANDBOX, arguments_, { cwd: temporaryFolder(), env });
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, ""]);
  },
);
