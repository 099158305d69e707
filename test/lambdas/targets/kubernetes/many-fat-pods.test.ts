import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const LOOK = fileURLToPath(new URL("many-fat-pods.ts", import.meta.url));

/** A function has 256 MB, of which Node.js itself and what is outside its heap take the other half. */
const HEAP_MB = 128;

test("20,000 pods with 200 MB of annotations are looked at in half of a function's 256 MB", async () => {
  const parameters = [`--max-old-space-size=${HEAP_MB}`, "--import", "tsx/esm", LOOK];
  const { stdout } = await promisify(execFile)(process.execPath, parameters);
  expect(JSON.parse(stdout)).toEqual({
    state: { adopted: false, code: "ROLLING", reason: "deployment/d still has pods of an older template: d-4999" },
    pages: 200,
  });
});
