import { describe, expect, test } from "vitest";
import { distributeEvent, MOST_SECRETS } from "../../../lambdas/contracts/distribute.ts";
import { read } from "../../../lambdas/contracts/read.ts";

const secret = {
  arn: "arn:aws:secretsmanager:us-east-1:000000000000:secret:keyturn/prod/web",
  versionId: "v".repeat(32),
};
const requestFor = (count: number, action = "apply") =>
  read(distributeEvent, { action, secrets: Array(count).fill(secret) }, "the request to distribute");

describe("the request to distribute", () => {
  test("is for as many secrets as the guide says", () => {
    expect(requestFor(MOST_SECRETS).secrets).toHaveLength(100);
  });

  test.each([
    ["for none", 0, "apply", "secrets"],
    ["for more", 101, "apply", "secrets"],
    ["for something else", 1, "delete", "action"],
  ])("is refused %s, with the field that is wrong", (_, count, action, field) => {
    expect(() => requestFor(count, action)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(field) }),
    );
  });
});
