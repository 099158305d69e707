import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { KEY_SCHEMA } from "../../../provider/key/schema.ts";
import { FunctionError, isPassing } from "../../../provider/service/function-error.ts";
import { hasAdvice, serviceProblem } from "../../../provider/service/problems.ts";

/** The codes of a union of texts in a source. */
const codesIn = (path: string, type: string): readonly string[] => {
  const text = readFileSync(join(import.meta.dirname, "../../..", path), "utf8");
  const from = text.indexOf(`export type ${type} =`);
  const union = text.slice(from, text.indexOf("\n\n", from));
  return [...union.matchAll(/^ {2}\| "([A-Z_]+)"/gm)].map(([, code = ""]) => code);
};

/** What only reconcile throws: nobody waits for it with Terraform. */
const NOT_TOLD = ["DISTRIBUTE_FAILED"];

const CODES = [
  ...codesIn("lambdas/errors.ts", "ErrorCode").filter((code) => !NOT_TOLD.includes(code)),
  ...codesIn("lambdas/vendors/vendor-error.ts", "VendorErrorCode").map((code) => `VENDOR_${code}`),
];

const failure = (code: string): FunctionError => new FunctionError(code, "manage", `it failed: ${code}`);

describe("whatever a function may throw", () => {
  test.each(CODES)("%s is waited through, or said with what to do", (code) => {
    expect(CODES.length).toBeGreaterThan(30);
    expect([isPassing(failure(code), () => 99), hasAdvice(code)]).toContain(true);
  });

  test.each(CODES)("%s is said at an attribute that there is, or at none", (code) => {
    const { attribute = [] } = serviceProblem(failure(code));
    expect([...Object.keys(KEY_SCHEMA.attributes), undefined]).toContain(attribute[0]);
  });
});

test("what AWS answered the function is not taken for the end of the function", () => {
  const problem = serviceProblem(failure("Function.ResourceNotFoundException"));
  expect(problem.summary).toBe("The secret is gone (Function.ResourceNotFoundException)");
});
