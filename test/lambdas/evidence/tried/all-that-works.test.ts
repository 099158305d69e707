import { expect, test } from "vitest";
import { isActive, passes, unlimited } from "../../reconciliation/passes.ts";
import { DAY_MS, HOUR_MS } from "../../stand.ts";

const ENDLESS = Number.POSITIVE_INFINITY;

test.each([true, false])(
  "a key whose revocation was decided stays while what replaced it is dead; listed: %s",
  async (isListed) => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    await stand.deploy({ name: "api" });
    const old = await stand.currentKey(arn);
    await stand.rotate(arn);
    await stand.clock.advance(DAY_MS + 2 * HOUR_MS);
    for (const operation of ["revoke", "delete"] as const)
      stand.pictify.hostile.next(operation, "server-error", ENDLESS);
    await passes(stand, 6);
    stand.pictify.hostile.clear();
    stand.pictify.revokeKey((await stand.currentKey(arn)).keyId);
    stand.pictify.hostile.next("create", "server-error", ENDLESS);
    if (!isListed) stand.pictify.hostile.next("list", { kind: "list-omits", omits: (id) => id === old.keyId }, ENDLESS);

    await passes(stand, 20);

    expect(isActive(stand.pictify, old.keyId)).toBe(true);
  },
);
