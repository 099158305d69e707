import { expect, test } from "vitest";
import { TARGET_CODES } from "../../../lambdas/contracts/distribute.ts";
import { isFailure } from "../../../lambdas/distribution/result.ts";

/** What time, or reconcile's next pass, brings to its end. */
const ON_ITS_WAY = ["ROLLING", "WAITING", "BEHIND", "SUPERSEDED"];

test.each(TARGET_CODES)("a target that is %s counts as failed when time alone does not help", (code) => {
  expect(isFailure({ code })).toBe(!ON_ITS_WAY.includes(code));
});

test("a target that has adopted has not failed", () => {
  expect(isFailure({})).toBe(false);
});
