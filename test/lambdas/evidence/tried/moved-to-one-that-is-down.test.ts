import { beforeEach, describe, expect, test } from "vitest";
import {
  currentOf,
  isActive,
  passes,
  putMark,
  records,
  retag,
  unlimited,
  written,
} from "../../reconciliation/passes.ts";
import { addSecondConnection } from "../../second-connection.ts";
import { HOUR_MS, type Stand } from "../../stand.ts";
import { adminDown } from "./listed.ts";

describe("a key of a healthy connection, declared at another one that is down now", () => {
  let stand: Stand;
  let arn: string;
  let keyId: string;

  beforeEach(async () => {
    stand = await unlimited();
    await addSecondConnection(stand, "pictify");
    arn = await stand.deploy();
    await stand.deploy({ name: "api" });
    ({ keyId } = await stand.currentKey(arn));
    await stand.clock.advance(HOUR_MS);
    await retag(stand, arn, { "keyturn:vendor": "pictify-eu" });
    await adminDown(stand, "keyturn/pictify-eu");
  });

  test("is told when it is dead", async () => {
    stand.pictify.revokeKey(keyId);
    await passes(stand, 30);
    expect(records(stand, "key.dead").length).toBeGreaterThan(0);
  });

  test("is revoked where that was to be first, or a person is told", async () => {
    await putMark(stand, arn, await currentOf(stand, arn), "compromised-first");
    await passes(stand, 30);
    expect(isActive(stand.pictify, keyId) && written(stand, "CompromisedAlive").length === 0).toBe(false);
  });

  test("calls somebody where it is compromised", async () => {
    await putMark(stand, arn, await currentOf(stand, arn), "compromised");
    await passes(stand, 30);
    expect(isActive(stand.pictify, keyId) && written(stand, "CompromisedAlive").length === 0).toBe(false);
  });
});
