import { expect, test } from "vitest";
import { currentOf, isActive, passes, putMark, unlimited, written } from "../../reconciliation/passes.ts";
import { HOUR_MS } from "../../stand.ts";

test("one answer that asks for ten days of rest does not keep a compromised key alive in silence", async () => {
  const stand = await unlimited();
  const arn = await stand.deploy();
  await stand.clock.advance(HOUR_MS);
  stand.pictify.hostile.next("list", { kind: "rate-limited", retryAfterSeconds: 10 * 86_400 });
  await passes(stand, 13);
  const { keyId } = await stand.currentKey(arn);
  await putMark(stand, arn, await currentOf(stand, arn), "compromised-first");

  await passes(stand, 2 * 288);

  expect(isActive(stand.pictify, keyId) && written(stand, "CompromisedAlive").length === 0).toBe(false);
});
