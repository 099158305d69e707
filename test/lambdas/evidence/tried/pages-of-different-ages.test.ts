import { expect, test } from "vitest";
import { createStand, HOUR_MS, pictographKey } from "../../stand.ts";
import { callPictograph, usedFor } from "./listed.ts";

test("a key in use on a page that lags by three hours is not revoked because another page shows calls of just now", async () => {
  const stand = await createStand({ pictograph: { switches: { pageSize: 2 } } });
  for (const name of ["a", "b"]) await stand.deploy({ ...pictographKey, name });
  const arn = await stand.deploy(pictographKey);
  const { apiKey } = await stand.currentKey(arn);
  await stand.clock.advance(HOUR_MS);
  await stand.rotate(arn);
  stand.pictograph.hostile.next("list", { kind: "pages-stale", ageMs: 3 * HOUR_MS }, Number.POSITIVE_INFINITY);

  expect(await usedFor(stand, 40, () => callPictograph(stand, apiKey))).toEqual(new Set([200]));
});
