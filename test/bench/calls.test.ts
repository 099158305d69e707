import { describe, expect, test } from "vitest";
import { MINUTE_MS, VENDOR_NAMES } from "../../bench/declared.ts";
import { listingsOfPlan } from "../../bench/plan.ts";
import { recordRotation } from "../../bench/recorded-rotation.ts";
import { reasonFor } from "../../bench/rotation-call-reasons.ts";
import { callsOfRetirement, callsOfRotation } from "../../bench/rotation-calls.ts";

describe.each(VENDOR_NAMES)("at %s", (vendor) => {
  test("a rotation takes 12 AWS calls at most, and 4 vendor calls: two pages of a list, create, verify", async () => {
    const calls = await callsOfRotation(vendor, true);
    expect(calls.filter(({ to }) => to === "AWS").length).toBeLessThanOrEqual(12);
    const verify = vendor === "pictify" ? "list keys" : "list datasets";
    expect(calls.filter(({ to }) => to === "vendor").map(({ name }) => name)).toEqual([
      "list keys",
      "list keys",
      "create key",
      verify,
    ]);
  });

  test("every call of a rotation has its reason", async () => {
    const calls = await callsOfRotation(vendor, true);
    const reasons = calls.map((call, index) =>
      reasonFor(
        call,
        calls.slice(0, index).filter(({ task, name }) => task === call.task && name === call.name).length,
      ),
    );
    expect(reasons).not.toContain("");
  });

  test("a rotation asks for distribution only where there are targets", async () => {
    const calls = await callsOfRotation(vendor, false);
    expect(calls.filter(({ name }) => name.startsWith("Invoke"))).toEqual([]);
  });

  // Far from the full hour, where no listing comes by itself.
  test("a retirement takes nine vendor calls more than its revocation: five tries, two lists of two pages", async () => {
    expect((await callsOfRetirement(vendor, 30 * MINUTE_MS)).besides).toBeLessThanOrEqual(9);
  });

  test("a plan of many keys takes one listing, of two requests", async () => {
    expect(await listingsOfPlan(vendor, ["one", "two", "three"])).toBe(2);
  });

  test("the bare calls that a rotation is measured against are those that it makes", async () => {
    const { calls, bare } = await recordRotation(vendor);
    expect(calls).toBe((await callsOfRotation(vendor, false)).length);
    await bare();
  });
});

test("a call that nobody gave a reason for is an error", () => {
  expect(() => reasonFor({ task: "setSecret", name: "GetSecretValue" }, 0)).toThrow("setSecret calls GetSecretValue");
});
