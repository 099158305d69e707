import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../constructs/temporary-folder.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs");
const TESTS = "test/kubernetes-api/rollouts.test.ts";

interface Run {
  readonly code: number | undefined;
  readonly printed: string;
}

/** Runs tests that need a Kubernetes API server, on a machine without Go and without a cluster. */
const runWithoutGo = (environment: NodeJS.ProcessEnv): Promise<Run> => {
  const empty = temporaryFolder();
  mkdirSync(empty, { recursive: true });
  const env = { PATH: empty, HOME: empty, NO_COLOR: "1", ...environment };
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [VITEST, "run", "--reporter=verbose", TESTS],
      { cwd: ROOT, env },
      (_, stdout, stderr) => done({ code: child.exitCode ?? undefined, printed: stdout + stderr }),
    );
  });
};

test("without Go or a cluster, tests that need one are skipped, with the reason in their title", async () => {
  const { code, printed } = await runWithoutGo({});
  expect(printed).toContain("workloads (skipped, as this is missing: a Kubernetes API server)");
  expect(printed).toMatch(/Go >= \d+\.\d+\S* to build one, or a cluster/);
  expect(printed).not.toContain("passed");
  expect(code).toBe(0);
});

test("without Go or a cluster, they fail where everything has to be there, as in CI", async () => {
  const { code, printed } = await runWithoutGo({ KEYTURN_REQUIRE_ALL: "1" });
  expect(printed).toContain("a Kubernetes API server");
  expect(printed).toContain("1 failed");
  expect(code).toBe(1);
});
