import { expect, test } from "vitest";
import { createStand, HOUR_MS, pictographKey } from "../../stand.ts";
import { callPictograph, listedAs, usedFor } from "./listed.ts";

test("a key in use is not revoked where null is all that is told of keys that answered our own calls with success", async () => {
  const stand = await createStand();
  const arn = await stand.deploy(pictographKey);
  const { apiKey } = await stand.currentKey(arn);
  await stand.clock.advance(HOUR_MS);
  await stand.rotate(arn);
  // Only the admin key's use is reported, as of keys that people use in the dashboard.
  listedAs(stand, (key) => (key.id === stand.pictograph.adminKeyId ? key : { ...key, last_used_at: null }));

  expect(await usedFor(stand, 40, () => callPictograph(stand, apiKey))).toEqual(new Set([200]));
});
