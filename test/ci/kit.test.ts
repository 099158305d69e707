import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../constructs/temporary-folder.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const NEEDED = [".ci/kit.mjs", "sandbox/cache-folder.mjs"];

/** A repository with something of the kit and something else in it, and a cache folder. */
const aRepository = () => {
  const root = temporaryFolder();
  const cache = temporaryFolder();
  const env = {
    PATH: process.env.PATH,
    KEYTURN_CACHE: cache,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
  };
  const git = (...parameters: string[]) => execFileSync("git", parameters, { cwd: root, env, encoding: "utf8" }).trim();
  const write = (path: string, text = "changed") => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const commit = (path: string) => {
    appendFileSync(join(root, path), "changed\n");
    git("add", ".");
    git("-c", "user.name=Somebody", "-c", "user.email=somebody@example.test", "commit", "--quiet", "--message", "one");
    return git("rev-parse", "HEAD");
  };
  const kit = (words: readonly string[] = [], environment: NodeJS.ProcessEnv = {}) => {
    const options = { cwd: root, env: { ...env, ...environment }, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, ".ci/kit.mjs"), ...words], options);
    expect(status, stderr).toBe(0);
    return { options: stdout.trim(), why: stderr };
  };
  for (const path of NEEDED) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(join(ROOT, path), join(root, path));
  }
  write("lambdas/rotate.ts");
  write("docs/page.md");
  git("init", "--quiet");
  commit("docs/page.md");
  return { root, cache, git, write, commit, kit, green: (environment = {}) => kit(["green"], environment).why };
};

const SAMPLE = /^--sample \d+ --seed \d+$/;

describe("how much of the kit is played", () => {
  test("is all of it where no commit is known as green", () => {
    const { options, why } = aRepository().kit();
    expect(options).toBe("");
    expect(why).toBe("conformance: the whole kit, as no commit is known whose checks were green\n");
  });

  test("is a sample where the last green commit has the same kit", () => {
    const { kit, green, git, commit } = aRepository();
    expect(green()).toBe("");
    const name = git("rev-parse", "--short", "HEAD");
    commit("docs/page.md");

    const { options, why } = kit();

    expect(options).toMatch(SAMPLE);
    expect(why).toContain(`nothing that it is made of changed since ${name}, whose checks were green`);
  });

  test("is all of it where the kit was changed since then, and the first file is named", () => {
    const { kit, green, commit } = aRepository();
    green();
    commit("lambdas/rotate.ts");
    commit("docs/page.md");

    const { options, why } = kit();

    expect(options).toBe("");
    expect(why).toContain("the whole kit, as lambdas/rotate.ts changed since");
  });

  test.each([
    ["changed", "lambdas/rotate.ts"],
    ["new", "sandbox/new.ts"],
    ["the lock file", "package-lock.json"],
  ])("is all of it where that change has no commit yet: %s", (_, path) => {
    const { kit, green, write } = aRepository();
    green();
    write(path, "other");

    expect(kit().options).toBe("");
    expect(kit().why).toContain(`as ${path} changed since`);
  });

  test("is a sample again as soon as the change is green itself", () => {
    const { kit, green, commit } = aRepository();
    green();
    commit("lambdas/rotate.ts");
    green();

    expect(kit().options).toMatch(SAMPLE);
  });

  test("does not go by a commit that this one was not made from", () => {
    const { kit, green, git, commit } = aRepository();
    const first = git("rev-parse", "HEAD");
    commit("docs/page.md");
    green();
    git("checkout", "--quiet", first);

    expect(kit().why).toContain("no commit is known");
  });

  test("does not go by what this clone does not have", () => {
    const { kit, cache } = aRepository();
    writeFileSync(join(cache, "green-commits"), `${"0".repeat(40)}\n`);

    expect(kit().why).toContain("no commit is known");
  });

  test("is drawn anew for each commit, and the same for the same one", () => {
    const { kit, green, commit } = aRepository();
    green();
    const first = [kit().options, kit().options];
    commit("docs/page.md");

    expect(first[1]).toBe(first[0]);
    expect(kit().options).not.toBe(first[0]);
  });

  test("may go by a commit that the CI system names", () => {
    const { kit, git, commit } = aRepository();
    const named = git("rev-parse", "HEAD");
    commit("docs/page.md");

    expect(kit([], { KEYTURN_GREEN: named }).options).toMatch(SAMPLE);
    commit("lambdas/rotate.ts");
    expect(kit([], { KEYTURN_GREEN: named }).options).toBe("");
  });

  test("is all of it where there is no repository", () => {
    const { kit } = aRepository();
    expect(kit([], { GIT_DIR: join(temporaryFolder(), "nothing") }).why).toContain("this is no checkout of git");
  });
});

describe("a green commit", () => {
  test("is not remembered while there are changes without a commit", () => {
    const { green, write, cache } = aRepository();
    write("docs/page.md", "other");

    expect(green()).toContain("changes without a commit");
    expect(existsSync(join(cache, "green-commits"))).toBe(false);
  });

  test("is remembered nowhere where there is no cache folder", () => {
    expect(aRepository().green({ KEYTURN_CACHE: "" })).toContain("no cache folder is at hand");
  });

  test("that cannot be remembered is told, and fails nothing", () => {
    const folder = join(temporaryFolder(), "a-file");
    writeFileSync(folder, "");
    expect(aRepository().green({ KEYTURN_CACHE: folder })).toContain("this green commit is not remembered: ");
  });
});

/** Every module of the project that these import, directly or not. */
const importedBy = (paths: readonly string[], found = new Set<string>()): ReadonlySet<string> => {
  for (const path of paths) {
    if (found.has(path)) continue;
    found.add(path);
    const imports = [...readFileSync(join(ROOT, path), "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)];
    importedBy(
      imports.map(([, relative = ""]) => join(dirname(path), relative)).filter((one) => existsSync(join(ROOT, one))),
      found,
    );
  }
  return found;
};

test("everything that the kit imports is part of what decides", async () => {
  const { KIT } = (await import(join(ROOT, ".ci/kit.mjs"))) as { KIT: readonly string[] };
  const imported = [...importedBy(["conformance/main.ts", "conformance/worker.ts"])];
  expect(imported.length).toBeGreaterThan(200);
  expect(imported.filter((path) => !KIT.some((part) => path === part || path.startsWith(`${part}/`)))).toEqual([]);
});
