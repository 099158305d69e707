import { describe, expect, test } from "vitest";
import { goDurationMs } from "../../../provider/key/go-duration.ts";
import { isSecretId } from "../../../provider/key/secret-id.ts";
import { upgradeKey } from "../../../provider/key/upgrade.ts";
import { validateKey } from "../../../provider/key/validate.ts";
import { type ObjectValue, UNKNOWN } from "../../../provider/wire/value.ts";
import { arnOf } from "../fake-service.ts";

const VALID = {
  secret_id: "keyturn/demo/web",
  name: "web",
  vendor: "pictify",
  role: null,
  type: "live",
  timeouts: null,
};

describe("arguments", () => {
  test("what is right is not complained of", () => {
    expect(validateKey(VALID)).toEqual([]);
  });

  test("what is not known yet is taken to be right", () => {
    const unknown: ObjectValue = Object.fromEntries(Object.keys(VALID).map((name) => [name, UNKNOWN] as const));
    expect(validateKey(unknown)).toEqual([]);
    expect(validateKey({ ...VALID, type: "live", role: UNKNOWN })).toEqual([]);
  });

  test.each([
    [{ name: "Web App" }, ["name"]],
    [{ vendor: "" }, ["vendor"]],
    [{ secret_id: "a b" }, ["secret_id"]],
    [{ secret_id: "arn:aws:s3:::bucket" }, ["secret_id"]],
    [{ type: "" }, ["type"]],
    [{ role: "member" }, ["type"]],
    [{ type: null }, undefined],
    [{ adopt_key_id: "" }, ["adopt_key_id"]],
    [{ timeouts: { create: "soon", update: null } }, ["timeouts", "create"]],
    [{ timeouts: { delete: "0s" } }, ["timeouts", "delete"]],
  ])("%o is one error, on the attribute that is wrong", (change, attribute) => {
    expect(validateKey({ ...VALID, ...change }).map((problem) => problem.attribute)).toEqual([attribute]);
  });
});

test.each([
  ["30m", 1_800_000],
  ["1h30m", 5_400_000],
  ["1.5s", 1_500],
  ["250ms", 250],
])("the duration %s is %i ms", (text, ms) => {
  expect(goDurationMs(text)).toBe(ms);
});

test.each(["", "30", "m", "PT30M", "1h 30m", "-1s"])("%j is no duration", (text) => {
  expect(goDurationMs(text)).toBeUndefined();
});

describe("secret ids", () => {
  test.each([
    ["", false],
    ["a b", false],
    ["arn:aws:s3:::x", false],
    ["keyturn/demo/web", true],
    [arnOf("x"), true],
    [arnOf("keyturn/demo/web").slice(0, -7), true],
    [arnOf("a b"), false],
  ])("%j: %s", (id, is) => {
    expect(isSecretId(id)).toBe(is);
  });
});

describe("states of older schemas", () => {
  test("version 0 keeps all that it says", () => {
    const upgraded = upgradeKey(0, { id: arnOf("a"), force: true, name: "web" });
    expect(upgraded).toMatchObject({ secret_arn: arnOf("a"), force_destroy: true, name: "web" });
  });

  test("a version that never was is refused", () => {
    expect(() => upgradeKey(7, {})).toThrow("unknown schema version 7");
  });
});
