import { describe, expect, test } from "vitest";
import { manageEvent, manageRequestOf } from "../../../lambdas/contracts/manage.ts";
import { read } from "../../../lambdas/contracts/read.ts";

const request = (event: unknown) => manageRequestOf(read(manageEvent, event, "the request to manage"));
const secretId = "keyturn/prod/web";

describe("a request to manage", () => {
  test.each([
    ["create", "ensure"],
    ["update", "ensure"],
    ["delete", "delete"],
  ])("comes from Terraform: its %s is %s", (action, meaning) => {
    const event = { secretId, role: "member", tf: { action, prev_input: { secretId } } };
    expect(request(event)).toEqual({ action: meaning, secretId, force: false });
  });

  test("comes from a person", () => {
    expect(request({ action: "delete", secretId, force: true })).toEqual({ action: "delete", secretId, force: true });
  });

  test.each([
    [{ action: "rename", secretId }, 'action: Invalid option: expected one of "ensure"|"delete"'],
    [{ secretId }, "tf: Invalid input: expected object, received undefined"],
    [{ action: "ensure" }, "secretId: Invalid input: expected string, received undefined"],
    ["ensure", "expected object, received string"],
  ])("%j is refused with every reason", (event, reason) => {
    expect(() => request(event)).toThrow(
      expect.objectContaining({ code: "BAD_INPUT", message: expect.stringContaining(reason) }),
    );
  });
});
