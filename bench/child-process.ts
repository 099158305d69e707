import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { placeFile } from "../provider/place-file.ts";
import { BUNDLING } from "../scripts/bundling.ts";

const ROOT = join(import.meta.dirname, "..");

/** Lends a folder of its own to some work, and takes it away again. */
export const withFolder = async <Result>(work: (folder: string) => Promise<Result>): Promise<Result> => {
  const folder = await mkdtemp(join(tmpdir(), "keyturn-bench-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Bundles a source as the functions' own bundles are. @param contents the text of the entry, as if it lay in bench/ */
export const bundleText = async (contents: string): Promise<Uint8Array> => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(ROOT, "bench"), loader: "ts" },
    ...BUNDLING,
  });
  const [first] = outputFiles;
  if (!first) throw new Error("esbuild wrote nothing");
  return first.contents;
};

const textOf = async (
  child: ChildProcess,
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> => {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on("data", (part: Buffer) => out.push(part));
  child.stderr?.on("data", (part: Buffer) => err.push(part));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
};

/** Runs Node.js and reads the one line of JSON that it prints last. @throws Error with what it wrote when it fails */
export const runNode = async <Answer>(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Answer> => {
  const child = spawn(process.execPath, [...args], { cwd: ROOT, env: { ...process.env, ...env } });
  const { code, out, err } = await textOf(child);
  const last = out.trim().split("\n").at(-1) ?? "";
  if (code !== 0 || last === "") throw new Error(`node ${args.join(" ")} ended with ${code}: ${err.slice(-2_000)}`);
  return JSON.parse(last) as Answer;
};

/**
 * Bundles a file of bench/ as the functions are bundled, and runs it: what is timed in it is the code that runs in AWS, and
 * not that of a loader.
 * @param file its name in bench/; it prints one line of JSON
 */
export const runBundled = <Answer>(
  file: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Answer> =>
  withFolder(async (folder) => {
    const path = join(folder, "index.cjs");
    placeFile(path, await bundleText(`import "./${file}";`));
    return runNode<Answer>([path, ...args], env);
  });
