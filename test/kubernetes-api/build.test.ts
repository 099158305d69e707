import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../constructs/temporary-folder.ts";
import { eventually } from "./eventually.ts";

const SANDBOX = fileURLToPath(new URL("../../sandbox", import.meta.url));
const GO_MOD = "module example.test\n\nrequire k8s.io/kubernetes v1.35.4\n";

/** Stands in for the compiler: notes its call, and does as GO_MODE says: build, fail, or never end. */
const GO = `#!/bin/sh
echo "$*" >> "$GO_LOG"
case "$GO_MODE" in
  fail) echo "main.go:1: undefined: nonsense" >&2; exit 1 ;;
  hang) exec sleep 60 ;;
esac
sleep 0.3
while [ "$1" != -o ]; do shift; done
echo binary > "$2"
`;

/**
 * A checkout with nothing in it but the builder and a module, and a PATH on which the compiler is a stand-in.
 * @param cache the cache folder; empty: there is none
 */
const aCheckout = (cache = "") => {
  const root = temporaryFolder();
  const folder = join(root, "sandbox", "kubernetes-api");
  const module = join(folder, "server");
  const state = join(root, ".sandbox", "kubernetes-api");
  mkdirSync(module, { recursive: true });
  for (const part of ["cache-folder.mjs", "kubernetes-api/build.mjs"])
    cpSync(join(SANDBOX, part), join(root, "sandbox", part));
  writeFileSync(join(module, "go.mod"), GO_MOD);
  writeFileSync(join(module, "main.go"), "package main\n");
  writeFileSync(join(root, "go"), GO);
  chmodSync(join(root, "go"), 0o755);
  const log = join(root, "go.log");
  const environment = (mode = "build") => ({
    ...process.env,
    PATH: `${root}:${process.env.PATH}`,
    KEYTURN_CACHE: cache,
    GO_LOG: log,
    GO_MODE: mode,
  });
  return {
    module,
    state,
    command: join(folder, "build.mjs"),
    environment,
    build: async (mode?: string) => {
      const options = { env: environment(mode) };
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "build.mjs")], options);
      return stdout.trim();
    },
    compilations: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
    left: () => readdirSync(state),
  };
};

/** A cache folder into which one checkout has built. */
const aFilledCache = async () => {
  const cache = temporaryFolder();
  await aCheckout(cache).build();
  const folder = join(cache, "kubernetes-api");
  const kept = readdirSync(folder).map((name) => join(folder, name));
  return { cache, folder, kept };
};

describe("the build of the API server", () => {
  test("names a binary that is there, with the version of Kubernetes in it", async () => {
    const { build, compilations } = aCheckout();
    const binary = await build();
    expect(existsSync(binary)).toBe(true);
    expect(compilations().join()).toContain("version.gitVersion=v1.35.4");
    expect(compilations().join()).toContain("version.gitMajor=1");
    expect(compilations().join()).toContain("version.gitMinor=35");
  });

  test("of several builders at once one builds, and the others wait for it", async () => {
    const { build, compilations, left } = aCheckout();
    const binaries = await Promise.all([build(), build(), build()]);
    expect(new Set(binaries).size).toBe(1);
    expect(compilations()).toHaveLength(1);
    expect(left()).toHaveLength(1);
  });

  test("what is built is built again only when a source has changed, and replaces the earlier one", async () => {
    const { build, compilations, left, module } = aCheckout();
    const first = await build();
    await build();
    const before = compilations().length;

    writeFileSync(join(module, "main.go"), "package main // changed\n");
    const second = await build();

    expect(before).toBe(1);
    expect(compilations()).toHaveLength(2);
    expect(second).not.toBe(first);
    expect(left()).toEqual([second.slice(second.lastIndexOf("/") + 1)]);
  });

  test("one that fails says what the compiler said, and leaves nothing", async () => {
    const { build, left } = aCheckout();
    await expect(build("fail")).rejects.toThrow(/undefined: nonsense(.|\n)*was not built/);
    expect(left()).toEqual([]);
  });

  test("one that is stopped stops the compiler, and leaves nothing", async () => {
    const { command, compilations, environment, left } = aCheckout();
    const builder = spawn(process.execPath, [command], { env: environment("hang") });
    await eventually("the compiler runs", async () => compilations().length > 0);

    builder.kill("SIGTERM");
    await once(builder, "close"); // the compiler holds its standard error open while it runs

    expect(left()).toEqual([]);
  });

  test("one that was killed keeps the next one waiting only until it has been silent for long", async () => {
    const { build, command, compilations, environment, left, state } = aCheckout();
    const killed = spawn(process.execPath, [command], { env: environment("hang"), detached: true });
    await eventually("the compiler runs", async () => compilations().length > 0);
    process.kill(-(killed.pid ?? Number.NaN), "SIGKILL");
    await once(killed, "close");
    const lock = left().find((name) => name.endsWith(".lock")) ?? "";

    utimesSync(join(state, lock), new Date(0), new Date(0));
    const binary = await build();

    expect(existsSync(binary)).toBe(true);
    expect(left()).not.toContain(lock);
  });
});

describe("the cache of what was built", () => {
  test("saves another checkout with the same sources the build", async () => {
    const { cache, kept } = await aFilledCache();
    const { build, compilations, left } = aCheckout(cache);

    const binary = await build();

    expect(kept).toHaveLength(1);
    expect(readFileSync(binary, "utf8")).toBe("binary\n");
    expect(compilations()).toEqual([]);
    expect(left()).toHaveLength(1);
  });

  test("is not used for other sources", async () => {
    const { cache } = await aFilledCache();
    const { build, compilations, module } = aCheckout(cache);
    writeFileSync(join(module, "main.go"), "package main // other\n");

    await build();

    expect(compilations()).toHaveLength(1);
  });

  test("is not believed where what it has is not what was put there", async () => {
    const { cache, folder, kept } = await aFilledCache();
    const [name = ""] = kept;
    writeFileSync(name, "bin");
    const { build, compilations } = aCheckout(cache);

    const binary = await build();

    expect(readFileSync(binary, "utf8")).toBe("binary\n");
    expect(compilations()).toHaveLength(1);
    expect(readdirSync(folder).map((one) => readFileSync(join(folder, one), "utf8"))).toEqual(["binary\n"]);
  });

  test("is done without where it cannot be written", async () => {
    const cache = join(temporaryFolder(), "a-file");
    writeFileSync(cache, "");
    const { build, compilations } = aCheckout(cache);

    expect(existsSync(await build())).toBe(true);
    expect(compilations()).toHaveLength(1);
  });

  test("keeps the few that were used last", async () => {
    const cache = temporaryFolder();
    const { build, module } = aCheckout(cache);
    for (const version of ["1", "2", "3", "4", "5", "6"]) {
      writeFileSync(join(module, "main.go"), `package main // ${version}\n`);
      await build();
    }
    expect(readdirSync(join(cache, "kubernetes-api"))).toHaveLength(4);
  });
});
