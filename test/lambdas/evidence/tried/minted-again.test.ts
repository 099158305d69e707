import { expect, test } from "vitest";
import { passes, unlimited } from "../../reconciliation/passes.ts";
import { DAY_MS } from "../../stand.ts";
import { listedAs } from "./listed.ts";

test("a list that calls every key revoked, while each works, does not mint all day", async () => {
  const stand = await unlimited();
  for (const name of ["a", "b", "c"]) await stand.deploy({ name });
  await stand.clock.advance(DAY_MS);
  const before = stand.pictify.keys().length;
  listedAs(stand, (key) => ({ ...key, status: "Revoked" }));

  await passes(stand, 288);

  expect(stand.pictify.keys().length - before).toBeLessThanOrEqual(3 * 7);
});
