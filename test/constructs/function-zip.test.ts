import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { expect, test } from "vitest";
import { functionZip, zipHash } from "../../constructs/function-zip.ts";

const text = (value: string): Uint8Array => Buffer.from(value);

test("a zip gives back the files that went into it", () => {
  const zip = unzipSync(functionZip({ "index.js": text("code"), "grants.json": text("{}") }));

  expect(Object.fromEntries(Object.entries(zip).map(([name, bytes]) => [name, Buffer.from(bytes).toString()]))).toEqual(
    {
      "index.js": "code",
      "grants.json": "{}",
    },
  );
});

test("the order in which files are given changes nothing", () => {
  const [a, b] = [text("a"), text("b")];

  expect(functionZip({ b, a })).toEqual(functionZip({ a, b }));
});

test("the hash is the one that Lambda reports", () => {
  const zip = functionZip({ a: text("a") });

  expect(zipHash(zip)).toBe(createHash("sha256").update(zip).digest("base64"));
});

test("a zip has the same bytes in every time zone", () => {
  const module = join(import.meta.dirname, "../../constructs/function-zip.ts");
  const program = `const { functionZip, zipHash } = await import(${JSON.stringify(module)});
    console.log(zipHash(functionZip({ "index.js": Buffer.from("code") })));`;
  const hashIn = (TZ: string) =>
    execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
      env: { ...process.env, TZ },
      encoding: "utf8",
    });

  const hashes = ["UTC", "America/Santiago", "Pacific/Kiritimati"].map(hashIn);

  expect(new Set(hashes).size).toBe(1);
});
