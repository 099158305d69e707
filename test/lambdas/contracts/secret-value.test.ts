import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { adminKeyOf, secretValueOf, secretValueText } from "../../../lambdas/contracts/secret-value.ts";
import { Redacted, redactedJson, redactText } from "../../../lambdas/redacted.ts";

const VALUE = `pk_live_${"a1".repeat(16)}`;
const text = JSON.stringify({
  apiKey: VALUE,
  keyId: "key_1",
  vendor: "pictify",
  name: "web-kt-00000000-0000000000",
  type: "live",
  issuedAt: "2026-11-21T22:00:00.000Z",
});

describe("a secret's value", () => {
  test("is written in the documented form and read back", () => {
    expect(secretValueText(secretValueOf(text, "it"))).toBe(text);
  });

  test.each([
    ["not JSON", "hunter2-hunter2", "it is not JSON (15 characters)"],
    ["no key id", JSON.stringify({ ...JSON.parse(text), keyId: undefined }), "keyId"],
    ["role and type", JSON.stringify({ ...JSON.parse(text), role: "owner" }), "exactly one of role and type"],
    ["a bad time", JSON.stringify({ ...JSON.parse(text), issuedAt: "today" }), "issuedAt: must be a time in ISO 8601"],
  ])("that is %s is refused without showing it", (_, bad, message) => {
    expect(() => secretValueOf(bad, "it")).toThrow(
      expect.objectContaining({
        code: "BAD_INPUT",
        message: expect.toSatisfy(
          (said: string) => said.includes(message) && !said.includes(VALUE) && !said.includes("hunter2"),
        ),
      }),
    );
  });

  test("of an admin may have further fields", () => {
    expect(adminKeyOf('{"apiKey":"k","owner":"me"}', "keyturn/pictify").reveal()).toBe("k");
  });
});

describe("a redacted secret", () => {
  const secret = new Redacted(VALUE);

  test.each([
    ["joined to a text", `${secret}`],
    ["as JSON", JSON.stringify({ secret })],
    ["inspected", inspect({ deep: { secret } })],
    ["in a log record", redactedJson({ note: `got ${VALUE}!`, apiKey: "short", nested: { RotationToken: "t0k" } })],
    ["in a text that others wrote", redactText(`invalid key '${VALUE}'`)],
  ])("does not show when %s", (_, shown) => {
    expect(shown).not.toContain(VALUE);
    expect(shown).not.toContain("t0k");
    expect(shown).toContain("[redacted]");
  });

  test("keeps a key's visible prefix readable", () => {
    expect(redactText("pk_live_abc1")).toBe("pk_live_abc1");
  });
});
