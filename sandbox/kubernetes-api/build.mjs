/*
 * Builds the API server (server/) once for each state of its sources, and prints the path of the binary. Plain JavaScript
 * that needs no package: the checks begin with it before anything is installed.
 *
 * The binary is .sandbox/kubernetes-api/server-<hash of the sources>. Of several builders at once the first one builds and
 * the others wait; should two build after all, they write the same thing, and each gives its own finished file the name.
 * What was built is kept in the cache folder for other checkouts, with the hash of its own bytes in its name, and is taken from
 * there only while it still has that hash.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheFolder } from "../cache-folder.mjs";

const MODULE = join(import.meta.dirname, "server");
const FOLDER = resolve(import.meta.dirname, "..", "..", ".sandbox", "kubernetes-api");
const CACHE = cacheFolder() && join(cacheFolder(), "kubernetes-api");
/** As many binaries are kept there, of 100 MB each: those used last. */
const KEPT = 4;
/** A builder says this often that it is at work; one that was silent for much longer is gone. */
const HEARTBEAT_MS = 2_000;
const SILENCE_MS = 30_000;

/** Without inlining and debugging data the compiler does about a third less; the server is no slower to start. */
const COMPILER_FLAGS = "all=-l -dwarf=false";

const say = (text) => process.stderr.write(`${text}\n`);

const sources = readdirSync(MODULE)
  .filter((name) => /\.go$|^go\.(mod|sum)$/.test(name))
  .sort();

const hashOfSources = () => {
  const hash = createHash("sha256")
    .update(`${process.platform} ${process.arch}\n`)
    .update(readFileSync(import.meta.filename));
  for (const name of sources) hash.update(`${name}\n`).update(readFileSync(join(MODULE, name)));
  return hash.digest("hex").slice(0, 16);
};

/** What the server answers at /version, which clients compare with. */
const linkerFlags = () => {
  const [, version, major, minor] =
    /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/.exec(readFileSync(join(MODULE, "go.mod"), "utf8")) ?? [];
  if (version === undefined) throw new Error(`${join(MODULE, "go.mod")} requires no version of k8s.io/kubernetes`);
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor };
  const settings = Object.entries(values).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return ["-s", "-w", ...settings].join(" ");
};

const goBuild = (output) =>
  new Promise((done, fail) => {
    const parameters = [
      "build",
      "-trimpath",
      "-buildvcs=false",
      `-gcflags=${COMPILER_FLAGS}`,
      `-ldflags=${linkerFlags()}`,
      "-o",
      output,
      ".",
    ];
    const environment = { ...process.env, CGO_ENABLED: "0" };
    const go = spawn("go", parameters, { cwd: MODULE, env: environment, stdio: ["ignore", 2, 2] });
    const stop = () => go.kill();
    process.once("exit", stop);
    go.once("error", (error) => fail(new Error(`go cannot be started: ${error.message}. Get Go from go.dev/dl.`)));
    go.once("exit", (code) => {
      process.off("exit", stop);
      if (code === 0) done();
      else fail(new Error("go build failed; what it said is above"));
    });
  });

const compile = async (output) => {
  const startedAtMs = Date.now();
  say("building the test API server, about 4 minutes the first time");
  await goBuild(output);
  say(`built the test API server in ${Math.round((Date.now() - startedAtMs) / 1_000)} s`);
};

const isTaken = (lock) => {
  try {
    return Date.now() - statSync(lock).mtimeMs < SILENCE_MS;
  } catch {
    return false; // its builder has just finished
  }
};

/** Whether we are the builder from here on. */
const take = (lock) => {
  if (!isTaken(lock)) rmSync(lock, { force: true });
  try {
    writeFileSync(lock, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
};

const touch = (path) => {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // Another builder took us for gone. Both finish.
  }
};

const removeOthers = (kept) => {
  const others = readdirSync(FOLDER).filter((name) => /^server-[0-9a-f]{16}$/.test(name) && name !== kept);
  for (const name of others) rmSync(join(FOLDER, name), { force: true });
};

const hashOfFile = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** What the cache has of that name, the latest first. */
const cached = (prefix) =>
  readdirSync(CACHE)
    .filter((name) => name.startsWith(prefix) && /-[0-9a-f]{64}$/.test(name))
    .map((name) => ({ path: join(CACHE, name), usedAtMs: statSync(join(CACHE, name)).mtimeMs }))
    .sort((a, b) => b.usedAtMs - a.usedAtMs)
    .map(({ path }) => path);

/** Copies a file so that its new name is there only with all of its bytes. @returns whether the bytes are right, and it is */
const copyWhole = (from, to, areRight) => {
  const unfinished = `${to}.${process.pid}`;
  try {
    copyFileSync(from, unfinished);
    if (!areRight(unfinished)) return false;
    renameSync(unfinished, to);
    return true;
  } finally {
    rmSync(unfinished, { force: true });
  }
};

/** Takes the binary from the cache. Whatever is wrong there, it is built instead. @returns whether it is here now */
const takeFromCache = (name) => {
  if (CACHE === undefined || !existsSync(CACHE)) return false;
  try {
    const [path] = cached(`${name}-`);
    if (path === undefined) return false;
    touch(path);
    if (copyWhole(path, join(FOLDER, name), (copy) => path.endsWith(hashOfFile(copy)))) return true;
    rmSync(path, { force: true });
    say("the test API server in the cache is not what was put there: it is removed");
  } catch (error) {
    say(`the cache cannot be used: ${error.message}`);
  }
  return false;
};

const keepInCache = (name) => {
  if (CACHE === undefined) return;
  try {
    mkdirSync(CACHE, { recursive: true });
    const hash = hashOfFile(join(FOLDER, name));
    copyWhole(join(FOLDER, name), join(CACHE, `${name}-${hash}`), (copy) => hashOfFile(copy) === hash);
    for (const path of cached("server-").slice(KEPT)) rmSync(path, { force: true });
  } catch (error) {
    say(`the test API server is not kept in the cache: ${error.message}`);
  }
};

/** Makes the binary, alone among all that want it: takes it from the cache, or builds it. */
const makeAs = async (name, lock) => {
  const unfinished = join(FOLDER, `${name}.${process.pid}`);
  const heartbeat = setInterval(() => touch(lock), HEARTBEAT_MS);
  const tidy = () => {
    for (const path of [unfinished, lock]) rmSync(path, { force: true });
  };
  process.once("exit", tidy);
  try {
    if (!takeFromCache(name)) {
      await compile(unfinished);
      renameSync(unfinished, join(FOLDER, name));
      keepInCache(name);
    }
    removeOthers(name);
  } finally {
    clearInterval(heartbeat);
    process.off("exit", tidy);
    tidy();
  }
};

const build = async () => {
  const name = `server-${hashOfSources()}`;
  const binary = join(FOLDER, name);
  const lock = join(FOLDER, `${name}.lock`);
  mkdirSync(FOLDER, { recursive: true });
  let hasSaidSo = false;
  while (!existsSync(binary)) {
    if (take(lock)) await makeAs(name, lock);
    else {
      if (!hasSaidSo) say("waiting for the test API server, which another process is building");
      hasSaidSo = true;
      await sleep(HEARTBEAT_MS / 4);
    }
  }
  return binary;
};

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
try {
  console.log(await build());
} catch (error) {
  say(`The test API server was not built: ${error.message}`);
  process.exitCode = 1;
}
