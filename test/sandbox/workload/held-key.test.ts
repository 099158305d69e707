import { expect, test } from "vitest";
import { Redacted } from "../../../lambdas/redacted.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";
import { createHeldKey } from "../../../sandbox/workload/held-key.ts";

test("a key is read again when the time that was drawn for it is over, and not before", async () => {
  const clock = new VirtualClock();
  const holds = [2_000, 10_000];
  let reads = 0;
  const held = createHeldKey({
    clock,
    read: async () => ({ keyId: `key_${++reads}`, apiKey: new Redacted(`value ${reads}`) }),
    holdMs: () => holds[reads - 1] ?? 0,
  });
  expect(held.description()).toBe("no key yet");

  const seen = [await held.key()];
  for (const waitMs of [1_999, 1, 9_999, 1]) {
    await clock.advance(waitMs);
    seen.push(await held.key());
  }

  expect(seen).toEqual(["value 1", "value 1", "value 2", "value 2", "value 3"]);
});

test("it tells which key is held and since when, and never its value", async () => {
  const clock = new VirtualClock();
  const read = async () => ({ keyId: "key_1", apiKey: new Redacted("value") });
  const held = createHeldKey({ clock, read, holdMs: () => 60_000 });
  await held.key();
  await clock.advance(7_000);
  expect(held.description()).toBe("key_1, read 7 s before");
});
