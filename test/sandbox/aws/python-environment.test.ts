import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { preparePythonEnvironment } from "../../../sandbox/aws/python-environment.ts";
import { makeStateFolder } from "./lambda-fixture.ts";

/** Answers as a Python does: makes an "environment" that holds itself, and "installs" by counting in a file. */
const FAKE_PYTHON = `#!/bin/sh
case "$1 $2" in
  "-I -c") echo "3.12.0 yes" ;;
  "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip") echo installed >> "$INSTALL_LOG"; if [ -n "$PIP_FAILS" ]; then echo "no matching distribution"; exit 1; fi ;;
esac
`;

describe("the virtual environment", () => {
  let state: Awaited<ReturnType<typeof makeStateFolder>>;
  let environment: NodeJS.ProcessEnv;
  let stateFolder: string;

  const prepare = (more: NodeJS.ProcessEnv = {}) =>
    preparePythonEnvironment({ stateFolder, environment: { ...environment, ...more } });
  const countInstalls = async () => (await readFile(join(state.path, "installs"), "utf8")).trim().split("\n").length;

  beforeEach(async () => {
    state = await makeStateFolder();
    stateFolder = join(state.path, "state");
    const python = join(state.path, "python");
    await writeFile(python, FAKE_PYTHON);
    await chmod(python, 0o755);
    environment = { PATH: process.env.PATH, KEYTURN_PYTHON: python, INSTALL_LOG: join(state.path, "installs") };
  });

  afterEach(() => state.remove());

  test("is made once", async () => {
    const first = await prepare();
    const second = await prepare();

    expect(second).toEqual(first);
    expect(first.python).toBe(join(stateFolder, "venv", "bin", "python"));
    expect(await countInstalls()).toBe(1);
  });

  test("is made again when it is half made", async () => {
    await mkdir(join(stateFolder, "venv", "bin"), { recursive: true });

    await prepare();

    expect(await countInstalls()).toBe(1);
  });

  test("is made again when it was made for other requirements", async () => {
    const { folder } = await prepare();
    await writeFile(join(folder, "keyturn-complete"), "another hash");

    await prepare();

    expect(await countInstalls()).toBe(2);
  });

  test("is made again when its interpreter is gone", async () => {
    const { python } = await prepare();
    await rm(python);

    await prepare();

    expect(await countInstalls()).toBe(2);
  });

  test("made by several at the same time is one, with nothing left beside it", async () => {
    await Promise.all([prepare(), prepare(), prepare()]);

    expect(await readdir(stateFolder)).toEqual(["venv"]);
  });

  test("that cannot be filled shows what pip printed, leaves nothing, and can be tried again", async () => {
    await expect(prepare({ PIP_FAILS: "yes" })).rejects.toThrow("no matching distribution");
    expect(await readdir(stateFolder)).toEqual([]);

    await prepare();

    expect(await readdir(stateFolder)).toEqual(["venv"]);
  });

  test("without a Python is an error that says how to get one", async () => {
    await rm(join(state.path, "python"));
    await expect(prepare()).rejects.toThrow(/KEYTURN_PYTHON names .*python, which does not run.*python3-venv/);
  });

  test("says what takes time", async () => {
    const messages: string[] = [];
    const onProgress = (message: string) => void messages.push(message);
    await preparePythonEnvironment({ stateFolder, environment, onProgress });
    expect(messages).toEqual([expect.stringContaining("Python 3.12.0"), expect.stringContaining("boto3")]);
  });

  test("has only exactly pinned packages", async () => {
    const requirements = await readFile("sandbox/aws/requirements.txt", "utf8");
    const lines = requirements.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(lines.filter((line) => !/^[A-Za-z0-9-]+==[0-9][0-9a-z.]*(; python_version < "3\.11")?$/.test(line))).toEqual(
      [],
    );
  });
});
