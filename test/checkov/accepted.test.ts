import { describe, expect, test } from "vitest";
import { acceptedOf, compared, type FoundIn, readAccepted } from "./accepted.ts";

const REASON = "a reason that somebody can judge";
const finding: FoundIn = {
  stack: "production",
  check: "CKV_AWS_50",
  title: "X-Ray",
  resource: "aws_lambda_function.Keyturn_rotate_Function",
};

describe("what checkov finds", () => {
  test("is open where nobody accepted it", () => {
    expect(compared([finding], {})).toEqual({ open: [finding], needless: [] });
  });

  test("is accepted by its check in the stacks that are named, and open in others", () => {
    const list = acceptedOf({ CKV_AWS_50: { reason: REASON, stacks: ["production"] } });
    const strict = { ...finding, stack: "strict" } as const;

    expect(compared([finding, strict], list).open).toEqual([strict]);
  });

  test("is accepted of the named resources alone, where some are named", () => {
    const list = acceptedOf({ CKV_AWS_50: { reason: REASON, stacks: ["production"], resources: ["_rotate_"] } });
    const other = { ...finding, resource: "aws_lambda_function.Keyturn_manage_Function" };

    expect(compared([finding, other], list).open).toEqual([other]);
  });
});

describe("what is accepted", () => {
  test("and not found any more is told, by its check and its stack", () => {
    const list = acceptedOf({ CKV_AWS_50: { reason: REASON, stacks: ["production", "strict"] } });

    expect(compared([finding], list).needless).toEqual([
      "accepted.json has CKV_AWS_50 for the stack strict, where it is not found any more; take it out",
    ]);
  });

  test.each([
    ["no reason", { CKV_AWS_50: { stacks: ["production"] } }],
    ["a reason that says nothing", { CKV_AWS_50: { reason: "fine", stacks: ["production"] } }],
    ["no stack", { CKV_AWS_50: { reason: REASON, stacks: [] } }],
    ["a stack that there is not", { CKV_AWS_50: { reason: REASON, stacks: ["other"] } }],
    ["a name that is no check's", { everything: { reason: REASON, stacks: ["production"] } }],
  ])("with %s is refused", (_, list) => {
    expect(() => acceptedOf(list)).toThrow();
  });

  test("is in a file that can be read", () => {
    expect(Object.keys(readAccepted()).length).toBeGreaterThan(5);
  });
});
