import { expect, test } from "vitest";
import { isActive, passes, written } from "../../reconciliation/passes.ts";
import { createStand, DAY_MS, HOUR_MS, pictographKey } from "../../stand.ts";

test.each(["one container", "a new container for each pass"])(
  "a replaced key that stays past its deadline, as reports stand still, is told: %s",
  async (how) => {
    const stand = await createStand({ pictograph: { adminKeyInUse: false } });
    const arn = await stand.deploy({ ...pictographKey, deadlineMs: 2 * DAY_MS });
    const { keyId } = await stand.currentKey(arn);
    await stand.clock.advance(HOUR_MS);
    await stand.rotate(arn);
    stand.pictograph.stopUsage();

    for (let n = 0; n < 4 * 288; n++) {
      if (how !== "one container") stand.anotherService("prod");
      await passes(stand, 1);
    }

    const told = [...written(stand, "UseNotUnderstood"), ...written(stand, "RetirementBlocked")];
    expect(isActive(stand.pictograph, keyId)).toBe(true);
    expect(told.length).toBeGreaterThan(0);
  },
);
