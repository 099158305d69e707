import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FUNCTION_NAMES } from "../../constructs/functions.ts";
import { keyCommand } from "../../lambdas/contracts/manage.ts";
import { read } from "../../lambdas/contracts/read.ts";
import { reconcileEvent } from "../../lambdas/contracts/reconcile.ts";
import { blocksIn, PAGES, ROOT, source } from "./pages.ts";

/** The commands of all shell blocks, with continued lines and quoted line breaks put together, and comments taken off. */
const COMMANDS = blocksIn("sh").flatMap(({ page, code }) =>
  code
    .replaceAll("\\\n", " ")
    .replace(/'[^']*'/g, (quoted) => quoted.replace(/\s+/g, " "))
    .split("\n")
    .map((line) => ({ page, line: line.replace(/\s+# .*$/, "").trim() }))
    .filter(({ line }) => line !== ""),
);

const SCHEMAS = { manage: keyCommand, reconcile: reconcileEvent };
const INVOKE = /aws lambda invoke --function-name keyturn-[a-z0-9-]+-(\w+) .*--payload '([^']*)'/;
const INVOCATIONS = COMMANDS.filter(({ line }) => line.includes("lambda invoke"));

describe("an invocation", () => {
  test.each(INVOCATIONS.map(({ page, line }) => [page, line]))("of %s is what its function takes: %s", (_, line) => {
    const [, name = "", payload = ""] = INVOKE.exec(line) ?? [];
    expect(FUNCTION_NAMES).toContain(name);
    expect(line).toContain("--cli-binary-format raw-in-base64-out");
    expect(() => read(SCHEMAS[name as keyof typeof SCHEMAS], JSON.parse(payload), "the event")).not.toThrow();
  });

  test("is there for each thing that a person may ask", () => {
    const asked = INVOCATIONS.map(({ line }) => JSON.parse(INVOKE.exec(line)?.[2] ?? "{}")).flatMap(Object.keys);
    expect(new Set(asked)).toEqual(
      new Set([
        "action",
        "secretId",
        "keyId",
        "force",
        "only",
        "revokeStrays",
        "newOrganization",
        "replaceDead",
        "claim",
      ]),
    );
  });
});

test("every npm script that a page names is there", () => {
  const { scripts } = JSON.parse(source("package.json"));
  const named = PAGES.flatMap(({ text }) => [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, name = ""]) => name));
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test.each([
  ["demo", "sandbox/demo/main.ts"],
  ["sandbox", "sandbox/main.ts"],
  ["conformance", "conformance/main.ts"],
  ["bench", "bench/main.ts"],
  ["soak", "sandbox/soak/options.ts"],
])("every option of npm run %s that a page names is there, and the other way round", (script, file) => {
  const options = [...source(file).matchAll(/\.option\("(--[a-z-]+)[ "]/g)].map(([, option]) => option);
  const calls = PAGES.flatMap(({ text }) => [...text.matchAll(new RegExp(`npm run ${script} -- ([^\`#\\n]*)`, "g"))]);
  const named = calls.flatMap(([, rest = ""]) => rest.match(/--[a-z-]+/g) ?? []);
  expect(named.filter((option) => !options.includes(option))).toEqual([]);
  if (script !== "sandbox") expect(options.filter((option) => !named.includes(option as string))).toEqual([]);
});

test("every file and folder of the project that a page names is there", () => {
  const PATH = /`((?:bench|conformance|constructs|stacks|lambdas|sandbox|scripts|test|docs)\/[\w./-]*)`/g;
  const example = new Set(["stacks/keys.ts"]);
  const named = PAGES.flatMap(({ text }) => [...text.matchAll(PATH)].map(([, path = ""]) => path));
  expect(named.filter((path) => !example.has(path) && !existsSync(join(ROOT, path)))).toEqual([]);
});
