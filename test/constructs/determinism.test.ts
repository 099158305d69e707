import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bundlePath } from "../../constructs/functions.ts";
import { PictifyApiKey } from "../../constructs/index.ts";
import { addPictify, emptyBundles, fullSynth, newService, newStack } from "./declare.ts";

interface Settings {
  readonly bundles?: string;
  readonly keys?: readonly string[];
}

/** Everything that a synth writes for the stack: paths and contents. */
const synthesized = ({ bundles = emptyBundles(), keys = ["webapp"] }: Settings = {}): Record<string, string> => {
  const stack = newStack();
  const vendor = addPictify(newService(stack, { bundles }));
  for (const name of keys) new PictifyApiKey(stack, name, { vendor, name, type: "test" });
  const folder = fullSynth(stack);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const paths = files.map((file) => join(file.parentPath, file.name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), readFileSync(path, "base64")]));
};

describe("the same source", () => {
  test("gives the same files, wherever it is synthesized and whenever it was built", () => {
    const [one, other] = [synthesized(), synthesized()];

    expect(
      Object.keys(one)
        .filter((path) => !path.startsWith("/terraform.d/"))
        .sort(),
    ).toEqual([
      "/assets/keyturn-platform-prod/inspect.zip",
      "/assets/keyturn-platform-prod/manage.zip",
      "/assets/keyturn-platform-prod/reconcile.zip",
      "/assets/keyturn-platform-prod/rotate.zip",
      "/cdk.tf.json",
    ]);
    expect(other).toEqual(one);
  });

  test("names no folder of the machine", () => {
    const folders = [tmpdir(), process.cwd()];
    for (const content of Object.values(synthesized()))
      expect(folders.filter((folder) => Buffer.from(content, "base64").includes(`${folder}/`))).toEqual([]);
  });
});

describe("what changes a deployed function", () => {
  const hashesOf = (files: Record<string, string>): Record<string, string> => {
    const json = JSON.parse(Buffer.from(files["/cdk.tf.json"] ?? "", "base64").toString());
    const functions = Object.values(json.resource.aws_lambda_function) as Record<string, string>[];
    return Object.fromEntries(functions.map((one) => [one.function_name, one.source_code_hash ?? ""]));
  };

  test("is its own code, and not another function's", () => {
    const bundles = emptyBundles();
    const before = hashesOf(synthesized({ bundles }));
    writeFileSync(bundlePath(bundles, "manage"), "exports.handler = async () => 2;");

    const after = hashesOf(synthesized({ bundles }));

    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(changed).toEqual(["keyturn-platform-prod-manage"]);
  });

  test("is what the service grants", () => {
    const before = hashesOf(synthesized());
    const after = hashesOf(synthesized({ keys: ["webapp", "another"] }));

    for (const [name, hash] of Object.entries(before)) expect(after[name]).not.toBe(hash);
  });
});
