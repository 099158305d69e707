import { expect, test } from "vitest";
import { TARGET_CODES } from "../../../lambdas/contracts/distribute.ts";
import { failedState, isFailure, reasonOf } from "../../../lambdas/distribution/result.ts";

/** What time, or reconcile's next pass, brings to its end. */
const ON_ITS_WAY = ["ROLLING", "WAITING", "BEHIND", "SUPERSEDED"];

test.each(TARGET_CODES)("a target that is %s counts as failed when time alone does not help", (code) => {
  expect(isFailure({ code })).toBe(!ON_ITS_WAY.includes(code));
});

test("a target that has adopted has not failed", () => {
  expect(isFailure({})).toBe(false);
});

test("what went wrong with a target is told without any key", () => {
  const apiKey = `pk_live_${"x".repeat(32)}`;
  expect(failedState(new Error(`somebody quotes ${apiKey}`))).toMatchObject({
    code: "FAILED",
    reason: "somebody quotes [redacted]",
  });
});

test.each([new Error(""), "no error at all", undefined])(
  "what went wrong has a reason, which answers need: %j",
  (error) => {
    expect(reasonOf(error)).toBe("unknown");
  },
);
