import { describe, expect, test } from "vitest";
import { keyCommand } from "../../../lambdas/contracts/manage.ts";
import { read } from "../../../lambdas/contracts/read.ts";

const request = (event: unknown) => read(keyCommand, event, "the request to manage");
const secretId = "keyturn/prod/web";
const expected = { name: "web", connection: "pictify", type: "live" };

describe("a request to manage", () => {
  test.each([
    { protocol: 1, action: "ensure", secretId, expected, revive: true },
    { protocol: 1, action: "update", secretId, expected },
    { protocol: 1, action: "adopt", secretId, expected, keyId: "key_abc123" },
    { protocol: 1, action: "delete", secretId, expected, force: false },
    { action: "ensure", secretId },
    { action: "delete", secretId, force: true },
    { action: "compromised", secretId },
    { action: "compromised", secretId, keyId: "key_abc123", first: true },
  ])("comes from the provider, from reconcile or from a person: %j", (event) => {
    expect(request(event)).toEqual(event);
  });

  test("may have fields that a newer caller knows", () => {
    expect(request({ action: "ensure", secretId, colour: "new" })).toEqual({ action: "ensure", secretId });
  });

  test.each([
    [{ action: "rename", secretId }, "action: Invalid"],
    [{ secretId }, "action: Invalid"],
    [{ action: "ensure" }, "secretId: Invalid input: expected string, received undefined"],
    [{ action: "adopt", secretId }, "keyId: Invalid input: expected string, received undefined"],
    [{ action: "ensure", secretId, expected: { ...expected, name: "Web!" } }, "expected.name: Invalid string"],
    [{ action: "delete", secretId, force: "yes" }, "force: Invalid input: expected boolean, received string"],
    ["ensure", "expected object, received string"],
  ])("%j is refused with the reason", (event, reason) => {
    expect(() => request(event)).toThrow(
      expect.objectContaining({ code: "BAD_INPUT", message: expect.stringContaining(reason) }),
    );
  });
});
