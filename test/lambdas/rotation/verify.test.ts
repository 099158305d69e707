import { expect, test } from "vitest";
import { marks } from "../../../lambdas/contracts/labels.ts";
import { MINUTE_MS } from "../stand.ts";
import { begun } from "./begun.ts";

test("a vendor that does not answer says nothing about a key: it is not given up", async () => {
  const { stand, arn, token, step } = await begun();
  await step("createSecret");
  await stand.clock.advance(10 * MINUTE_MS);
  stand.pictify.hostile.next("list", "server-error", 99);

  expect((await step("testSecret")).error).toMatch(/^VENDOR_UNAVAILABLE/);
  expect(marks("abandoned", (await stand.facts(arn)).stages[token] ?? [])).toEqual([]);

  stand.pictify.hostile.clear();
  expect(await step("testSecret")).toEqual({ answer: undefined });
});
