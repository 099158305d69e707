import { describe, expect, test } from "vitest";
import { declaredAt, IN_VAIN, VENDOR_NAMES } from "../reconciliation/mint-faults.ts";
import { records, unlimited, written } from "../reconciliation/passes.ts";
import { HOUR_MS, type Stand } from "../stand.ts";
import { ask, operations, retag } from "./asking.ts";

const OTHER = { pictify: { type: "test" }, pictograph: { role: "viewer" } } as const;

/** What the Terraform provider does in one apply: asks, and again every 15 seconds, for 20 minutes. */
const apply = async (stand: Stand, action: string, arn: string): Promise<readonly string[]> => {
  const errors: string[] = [];
  for (let tries = 0; tries < 80; tries++) {
    const { error } = await ask(stand, action, arn, tries === 0 ? {} : { again: true });
    if (error !== undefined) errors.push(error.split(":")[0] ?? "");
    await stand.clock.advance(15_000);
  }
  return errors;
};

describe.each(VENDOR_NAMES)("at %s, while mints come to nothing", (vendor) => {
  const changed = async (why: string) => {
    const stand = await unlimited();
    const arn = await stand.deploy(declaredAt[vendor]);
    await stand.clock.advance(HOUR_MS);
    IN_VAIN[why]?.(stand);
    if (vendor === "pictograph") stand.pictograph.hostile.next("update", "change-not-done", Infinity);
    await retag(stand, arn, OTHER[vendor]);
    return { stand, arn };
  };

  test.each(Object.keys(IN_VAIN))("one apply, however often it asks, mints a few keys where %s", async (why) => {
    const { stand, arn } = await changed(why);
    const before = operations(stand[vendor]).create ?? 0;

    await apply(stand, "update", arn);

    const created = (operations(stand[vendor]).create ?? 0) - before;
    expect(created).toBeGreaterThan(0);
    expect(created).toBeLessThan(6);
  });

  test("it is told what it waits for, and a later apply gets its try", async () => {
    const { stand, arn } = await changed("new keys are refused");

    expect(await apply(stand, "update", arn)).toContain("MINT_WAITS");
    const before = operations(stand[vendor]).create ?? 0;
    await ask(stand, "update", arn);
    await stand.clock.advance(15_000);

    expect(operations(stand[vendor]).create).toBe(before + 1);
  });
});

test("what reconcile asks for by itself and what comes to nothing is told, and is no error that Lambda repeats", async () => {
  const stand = await unlimited();
  IN_VAIN["the vendor makes something else"]?.(stand);
  const arn = await stand.declare();

  const { error } = await ask(stand, "ensure", arn, { automatic: true });

  expect(error).toBeUndefined();
  expect(records(stand, "mint.not-repeated")).toMatchObject([{ errorType: "NOT_AS_ASKED" }]);
  expect(written(stand, "RotationFailed")).toEqual([1]);
});
