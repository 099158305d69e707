import { expect, test } from "vitest";
import { createStand, HOUR_MS, pictographKey } from "../../stand.ts";
import { callPictograph, type Key, listedAs, usedFor } from "./listed.ts";

const LEGACY = "2026-11-21T12:00:05.000Z";

test.each<[string, (at: unknown) => Key]>([
  [
    "a field that stands still, with a time that can be read, beside one that moves and cannot",
    (at) => ({ last_used_at: LEGACY, last_used: `${at}`.slice(0, 19) }),
  ],
  ["null, and the time in an object beside it", (at) => ({ last_used_at: null, usage: { last_used_at: at } })],
  ["null, and the time under another name", (at) => ({ last_used_at: null, last_use_at: at })],
])("a key in use is not revoked while its vendor tells its use in %s", async (_, told) => {
  const stand = await createStand();
  const arn = await stand.deploy(pictographKey);
  const { keyId, apiKey } = await stand.currentKey(arn);
  await stand.clock.advance(HOUR_MS);
  await stand.rotate(arn);
  listedAs(stand, (key) => {
    if (key.id !== keyId) return key;
    const { last_used_at: at, ...rest } = key;
    return { ...rest, ...told(at) };
  });

  expect(await usedFor(stand, 40, () => callPictograph(stand, apiKey))).toEqual(new Set([200]));
});
