import { expect, test } from "vitest";
import { passes, records, unlimited } from "../../reconciliation/passes.ts";
import { DAY_MS } from "../../stand.ts";
import { listedAs } from "./listed.ts";

test.each(["Inactive", "Disabled", "Expired", "Deleted", "Suspended"])(
  "a dead key is told that its vendor lists as %s",
  async (status) => {
    const stand = await unlimited();
    const { keyId } = await stand.currentKey(await stand.deploy());
    await stand.deploy({ name: "api" });
    await stand.clock.advance(DAY_MS);
    stand.pictify.revokeKey(keyId);
    listedAs(stand, ({ revokedAt: _, ...key }) => (key.status === "Revoked" ? { ...key, status } : key));

    await passes(stand, 288);

    expect(records(stand, "key.dead").length).toBeGreaterThan(0);
  },
);
