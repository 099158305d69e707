import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorFacts } from "../../../lambdas/vendors/error-body.ts";

describe("what a vendor says of an error is read", () => {
  test.each<[unknown, string]>([
    [{ error: { code: "not_allowed", message: "No." } }, "not_allowed: No."],
    [{ error: "not_found", message: "No such key." }, "not_found: No such key."],
    [{ type: "https://docs.pictify.io/errors/conflict", title: "Conflict", detail: "Revoked." }, "conflict: Revoked."],
    [{ type: "https://docs.pictify.io/errors/conflict/", title: "Conflict" }, "conflict: Conflict"],
    [{ title: "Bad", errors: [{ field: "name", message: "too long" }] }, "Bad: name: too long"],
    [{ title: "Bad", detail: null, errors: [{ field: "name", message: "too long" }] }, "Bad: name: too long"],
    [{ title: "Bad", errors: [null, { field: "name", message: "too long" }, 7] }, "Bad: name: too long; 7"],
    [{ title: "Bad", errors: ["name is too long"] }, "Bad: name is too long"],
    [
      { title: "Bad", errors: { name: ["is too long", "is taken"], type: "no" } },
      "Bad: name: is too long, is taken; type: no",
    ],
    [{ title: "Bad", errors: [{ detail: "must be positive", pointer: "#/age" }] }, "Bad: #/age: must be positive"],
    [{ error: { code: 1003, message: "Taken" } }, "1003: Taken"],
    [{ error: { code: null, message: "Taken" } }, "Taken"],
    [{ error: { code: { a: 1 }, message: "Taken" } }, "Taken"],
    [{ error: { code: "taken", message: ["Taken"] } }, "taken"],
    [{ error: { code: "taken", message: "" }, message: "Taken" }, "taken: Taken"],
    [{ error: null, message: "Taken" }, "Taken"],
    [{ error: ["x"], message: "Taken" }, "Taken"],
    [{ error: 17, message: "Taken" }, "17: Taken"],
    [{ error: "taken", message: 17 }, "taken: 17"],
    [{ message: "Forbidden" }, "Forbidden"],
    [{ error: "Unauthorized" }, "Unauthorized"],
    [{ detail: "Organization not found" }, "Organization not found"],
    [{ detail: [{ loc: ["body", "name", 0], msg: "too long", type: "string_too_long" }] }, "body.name.0: too long"],
    [{ detail: [{ loc: null, msg: "too long" }], title: "Bad" }, "Bad: too long"],
    [{ type: 7, title: "Bad", detail: 8 }, "8"],
    [{}, ""],
    [[], ""],
    [null, ""],
    ["text", ""],
    [7, ""],
    [undefined, ""],
  ])("from %j", (body, message) => {
    expect(errorFacts(body).message).toBe(message);
  });

  test("from any one field, whatever stands in the others", () => {
    const odd = fc.oneof(fc.constant(null), fc.boolean(), fc.array(fc.constant(null)), fc.constant({}));
    const others = fc.record({ detail: odd, title: odd, type: odd, errors: odd, retry_after: odd, message: odd });
    fc.assert(
      fc.property(others, (body) => {
        expect(errorFacts({ ...body, error: { code: "taken", message: "It is taken." } }).message).toBe(
          "taken: It is taken.",
        );
        expect(errorFacts({ ...body, error: "taken", message: "It is taken." }).message).toBe("taken: It is taken.");
      }),
    );
  });

  test("without failing, whatever the body is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        const { message, retryAfterMs = 0 } = errorFacts(body);
        expect(message.length).toBeLessThanOrEqual(400);
        expect(retryAfterMs).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test("without the key that it may repeat", () => {
    const key = "pk_live_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6";
    const bodies = [{ errors: { name: key } }, { detail: [{ msg: key }] }, { error: { code: key } }, { errors: [key] }];
    for (const body of bodies) expect(errorFacts(body).message).not.toContain(key);
  });
});

describe("the wait that is asked for is read", () => {
  test.each<[unknown, number | undefined]>([
    [7, 7_000],
    ["120", 120_000],
    [0, 0],
    [-5, undefined],
    ["soon", undefined],
    ["-5", undefined],
    [null, undefined],
    [[7], undefined],
  ])("from %j", (retryAfter, ms) => {
    expect(errorFacts({ error: "rate_limit", message: "x", retry_after: retryAfter }).retryAfterMs).toBe(ms);
  });
});

describe("an error is in a vendor's own form, with its code,", () => {
  test.each<[unknown, string | undefined]>([
    [{ error: { code: "invalid_api_key", message: "x" } }, "invalid_api_key"],
    [{ error: { code: "invalid_api_key" } }, "invalid_api_key"],
    [{ error: "insufficient_permissions", message: "x" }, "insufficient_permissions"],
    [{ type: "https://docs.pictify.io/errors/forbidden", title: "Forbidden" }, "forbidden"],
    [{ type: "https://pictify.io/errors/forbidden", title: "Forbidden" }, "forbidden"],
    [{ type: "/errors/forbidden", title: "Forbidden" }, "forbidden"],
    [{ type: "urn:pictify:forbidden", title: "Forbidden" }, "forbidden"],
    // What gateways and edges say by themselves:
    [{ message: "Forbidden" }, undefined],
    [{ error: "Unauthorized" }, undefined],
    [{ error: "invalid_api_key" }, undefined],
    [{ error: "Forbidden", message: "Access Denied", status: 403, path: "/" }, undefined],
    [{ error: "Access denied", message: "x" }, undefined],
    [{ error: { code: 403, message: "x", status: "PERMISSION_DENIED" } }, undefined],
    [{ error: { code: "Forbidden", message: "x" } }, undefined],
    [{ error: { message: "x" } }, undefined],
    [{ detail: "Not authenticated" }, undefined],
    [{ type: "about:blank", title: "Forbidden" }, undefined],
    [{ type: "https://docs.pictify.io/errors/forbidden" }, undefined],
    [{ title: "Forbidden", status: 403 }, undefined],
    [{ type: "https://developers.cloudflare.com/errors/error-1020/", title: "Error 1020: Access denied" }, undefined],
    [{ type: "https://docs.pictify.io.evil.test/forbidden", title: "Forbidden" }, undefined],
    [{ type: "https://notpictify.io/forbidden", title: "Forbidden" }, undefined],
    [{ success: false, errors: [{ code: 10_000, message: "Authentication error" }] }, undefined],
    [{}, undefined],
    ["<html>", undefined],
  ])("by %j: %s", (body, vendorCode) => {
    expect(errorFacts(body, "pictify.io").vendorCode).toBe(vendorCode);
  });
});
