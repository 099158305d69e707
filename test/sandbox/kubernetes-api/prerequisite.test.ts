import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findGo, readGoVersion } from "../../../sandbox/kubernetes-api/go-toolchain.ts";
import { checkGo, checkKubernetes, checkOwnKubernetes } from "../../../sandbox/kubernetes-api/prerequisite.ts";
import { describeMissing } from "../../../sandbox/prerequisites.ts";
import { temporaryFolder } from "../../constructs/temporary-folder.ts";

const withoutGo = () => ({ PATH: temporaryFolder() });

const aKubeconfig = (): string => {
  const path = join(temporaryFolder(), "kubeconfig");
  writeFileSync(path, "");
  return path;
};

describe("Go", () => {
  test.each(["go1.25.6", "go1.25.10", "go1.26.0", "go1.26rc1", "go2.0"])("%s will do", (version) => {
    expect(checkGo(readGoVersion(version))).toBeUndefined();
  });

  test.each(["go1.25.5", "go1.25", "go1.24.12"])("%s is too old", (version) => {
    expect(checkGo(readGoVersion(version))?.found).toBe(`go is version ${version.slice(2)}, older than 1.25.6`);
  });

  test("a command of that name that is something else is not taken for it", () => {
    expect(readGoVersion("black or white?")).toEqual({ problem: "go does not say its version as Go does" });
  });

  test("none on PATH is said", async () => {
    expect(await findGo(withoutGo())).toEqual({ problem: "no go was found on PATH" });
  });
});

describe("a Kubernetes API server", () => {
  test("without Go and without a cluster both ways to one are named", async () => {
    const missing = await checkKubernetes(withoutGo());
    const text = describeMissing(missing ? [missing] : []);
    expect(text).toContain("no go was found on PATH");
    expect(text).toContain("go.dev/dl");
    expect(text).toContain("KEYTURN_TEST_KUBECONFIG");
  });

  test("a cluster that is named needs no Go", async () => {
    const env = { ...withoutGo(), KEYTURN_TEST_KUBECONFIG: aKubeconfig() };
    expect(await checkKubernetes(env)).toBeUndefined();
  });

  test("a kubeconfig that is not there is named, and not replaced by our own server", async () => {
    const missing = await checkKubernetes({ ...process.env, KEYTURN_TEST_KUBECONFIG: "/nowhere/kubeconfig" });
    expect(missing?.found).toBe("KEYTURN_TEST_KUBECONFIG names /nowhere/kubeconfig, which cannot be read");
  });

  test("what only our own can do is missing where another one is named", async () => {
    const missing = await checkOwnKubernetes({ ...process.env, KEYTURN_TEST_KUBECONFIG: aKubeconfig() });
    expect(missing?.found).toBe("KEYTURN_TEST_KUBECONFIG names another");
  });
});
