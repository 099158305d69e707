import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { searchForLeaks } from "../../sandbox/demo/leak-search.ts";
import { temporaryFolder } from "../constructs/temporary-folder.ts";

/** Of an alphabet that every encoding touches. */
const VALUE = 'pk_live_a1b2/c3d4+e5f6"g7h8==';
const PREFIX = "pk_live_a1b2";

const folderWith = (files: Record<string, string | Uint8Array>): string => {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
};

const search = async (files: Record<string, string | Uint8Array>) => {
  const folder = folderWith(files);
  const { leaks, files: count } = await searchForLeaks(folder, [VALUE, "pk_test_another_value"]);
  return { count, leaks: leaks.map(({ file, prefix }) => ({ file: file.slice(folder.length + 1), prefix })) };
};

const zip = (files: Record<string, string>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));

describe("a value is found", () => {
  test.for([
    ["as it is", `Authorization: Bearer ${VALUE}\n`],
    ["in JSON", JSON.stringify({ apiKey: VALUE })],
    ["in JSON within JSON, as far as its slashes go", '{"apiKey":"pk_test_another_value"}'],
    ["in a URL", `https://api.test/?key=${encodeURIComponent(VALUE)}&page=2`],
    ["with escaped slashes", VALUE.replaceAll("/", "\\/")],
    [
      "as the data of a Kubernetes Secret",
      JSON.stringify({ data: { "api-key": Buffer.from(VALUE).toString("base64") } }),
    ],
    [
      "between bytes that are no text",
      Buffer.concat([Buffer.from([0, 255, 254]), Buffer.from(VALUE), Buffer.from([0])]),
    ],
    ["in a bundle's zip", zip({ "index.js": "", "grants.json": JSON.stringify({ apiKey: VALUE }) })],
    [
      "in a plan of Terraform",
      zip({ tfplan: "x".repeat(5_000), tfstate: `${"{}".repeat(5_000)}${VALUE}`, "tfconfig/m-/cdk.tf.json": "{}" }),
    ],
  ] as const)("%s", async ([, content]) => {
    const { leaks } = await search({ "deep/er/file": content });
    expect(leaks).toHaveLength(1);
    expect(leaks[0]?.file).toBe("deep/er/file");
  });

  test("and told by the file and the value's first characters alone", async () => {
    expect(await search({ "a.log": VALUE, "b.log": "nothing", "c/a.tfstate": VALUE })).toEqual({
      count: 3,
      leaks: [
        { file: "a.log", prefix: PREFIX },
        { file: "c/a.tfstate", prefix: PREFIX },
      ],
    });
  });

  test("in hidden files, too", async () => {
    const { leaks } = await search({ ".terraform/modules.json": VALUE });
    expect(leaks).toHaveLength(1);
  });
});

describe("what is not searched", () => {
  test("are the two files that tell how to reach the sandbox", async () => {
    expect(await search({ env: VALUE, "env.json": VALUE })).toEqual({ count: 0, leaks: [] });
  });

  test("are no other files of these names", async () => {
    const { leaks } = await search({ "cdktf.out/env": VALUE, "cdktf.out/env.json": VALUE });
    expect(leaks).toHaveLength(2);
  });

  test("are things outside that a link points to, as providers in a mirror", async () => {
    const folder = folderWith({ "a.log": "" });
    symlinkSync(folderWith({ "big-provider": VALUE }), join(folder, "providers"));
    expect(await searchForLeaks(folder, [VALUE])).toEqual({ files: 1, leaks: [] });
  });
});

test("files that hold no value are clean, and counted", async () => {
  expect(await search({ "a.log": PREFIX, "b.zip": zip({ "index.js": PREFIX }) })).toEqual({ count: 2, leaks: [] });
});
