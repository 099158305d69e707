import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SANDBOX_ENVIRONMENT } from "./environment.ts";

/*
 * The same constructs and stacks on cdktn (CDK Terrain), which carries cdktf on. Its packages lie in a folder of their own,
 * since nobody needs both: `npm ci --prefix test/cdktn` installs them.
 */
const ROOT = join(import.meta.dirname, "..", "..");
const CDKTN = join(ROOT, "test", "cdktn");
const IS_INSTALLED = existsSync(join(CDKTN, "node_modules", "cdktn"));
const IS_REQUIRED = process.env.KEYTURN_REQUIRE_ALL === "1";

const run = promisify(execFile);
const bin = (name: string) => join(ROOT, "node_modules", ".bin", name);

const synthesize = async (stack: string, config: string[]): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "keyturn-cdktn-"));
  const outdir = { CDKTF_OUTDIR: folder, CDKTN_OUTDIR: folder };
  await run(bin("tsx"), [...config, `stacks/${stack}.ts`], {
    cwd: ROOT,
    env: { ...process.env, ...SANDBOX_ENVIRONMENT, ...outdir },
  });
  return folder;
};

const filesIn = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
    .sort();
};

interface Synthesized {
  version?: string;
  "//"?: { metadata: { version: string } };
  terraform?: { required_providers: Record<"aws" | "keyturn", { source: string }> };
}

/** Takes out what may differ, and returns it. */
const takeDifferences = (json: Synthesized) => {
  const found = {
    version: json.version ?? json["//"]?.metadata.version,
    source: json.terraform?.required_providers.aws.source,
  };
  if (json.version) json.version = "";
  if (json["//"]) json["//"].metadata.version = "";
  if (json.terraform) json.terraform.required_providers.aws.source = "";
  return found;
};

const body = () => {
  const folders: string[] = [];
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  test("constructs and stacks compile against cdktn and its AWS provider", async () => {
    await expect(run(bin("tsc"), ["-p", "test/cdktn"], { cwd: ROOT })).resolves.toMatchObject({ stdout: "" });
  }, 120_000);

  describe.each(["sandbox", "production"])("the %s stack", (stack) => {
    let cdktf = "";
    let cdktn = "";
    beforeAll(async () => {
      cdktf = await synthesize(stack, []);
      cdktn = await synthesize(stack, ["--tsconfig", join(CDKTN, "tsconfig.run.json")]);
      folders.push(cdktf, cdktn);
    }, 120_000);

    test("differs in the tool's version and in how the provider's source is written, and in nothing else", async () => {
      expect(await filesIn(cdktn)).toEqual(await filesIn(cdktf));
      for (const file of ["manifest.json", `stacks/${stack}/cdk.tf.json`]) {
        const [on, by] = await Promise.all(
          [cdktf, cdktn].map(async (folder) => JSON.parse(await readFile(join(folder, file), "utf8"))),
        );
        const isStack = file !== "manifest.json";
        expect(takeDifferences(on)).toEqual({ version: "0.21.0", source: isStack ? "aws" : undefined });
        expect(takeDifferences(by)).toEqual({ version: "0.24.0", source: isStack ? "hashicorp/aws" : undefined });
        expect(by).toEqual(on);
      }
    });

    test("has the same bytes in every function's zip", async () => {
      for (const file of (await filesIn(cdktf)).filter((name) => name.endsWith(".zip")))
        expect(await readFile(join(cdktn, file))).toEqual(await readFile(join(cdktf, file)));
    });
  });
};

if (IS_INSTALLED) describe("on cdktn", body);
else if (IS_REQUIRED)
  test("cdktn is installed, as KEYTURN_REQUIRE_ALL=1 demands", () => {
    throw new Error("run: npm ci --prefix test/cdktn");
  });
else describe.skip("on cdktn (skipped, as it is not installed: npm ci --prefix test/cdktn)", body);
