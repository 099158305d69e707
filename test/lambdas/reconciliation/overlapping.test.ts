import { describe, expect, test } from "vitest";
import { intercept } from "../rotation/begun.ts";
import { DAY_MS, SECOND_MS, type Stand } from "../stand.ts";
import { isActive, ownLabels, records, unlimited } from "./passes.ts";

/** How long each call to Secrets Manager takes: a pass that begins within it sees what the one before has not yet written. */
const CALL_MS = 2 * SECOND_MS;

/** A key whose old generation may go. */
const retiring = async () => {
  const stand = await unlimited();
  intercept(async (_, call) => {
    await stand.clock.sleep(CALL_MS);
    return call();
  })(stand);
  stand.anotherService("prod");
  const arn = await stand.clock.run(stand.deploy());
  const { keyId } = await stand.currentKey(arn);
  await stand.clock.run(stand.rotate(arn));
  await stand.clock.advance(2 * DAY_MS);
  return { stand, arn, keyId };
};

const revocations = ({ pictify }: Stand): number =>
  pictify.calls().find(({ operation }) => operation === "revoke")?.count ?? 0;

/** Passes in containers of their own, each beginning so long after the one before. */
const overlapping = async (stand: Stand, count: number, apartMs: number, request: object): Promise<void> => {
  const begun: Promise<unknown>[] = [];
  for (let n = 0; n < count; n++) {
    stand.anotherService("prod");
    begun.push(stand.account.functions.invoke(stand.functions.reconcile, request));
    await stand.clock.advance(apartMs);
  }
  await stand.clock.run(Promise.all(begun));
};

describe("of passes that overlap, each in a container of its own,", () => {
  test.each([
    ["before the first has decided", 2, SECOND_MS],
    ["while the first writes its decision down", 2, 5 * CALL_MS],
    ["one after the other", 4, CALL_MS + SECOND_MS],
  ])("one asks for the end of a retired key, where they begin %s", async (_, count, apartMs) => {
    const { stand, arn, keyId } = await retiring();

    await overlapping(stand, count, apartMs, { revokeStrays: [] });

    expect(revocations(stand)).toBe(1);
    expect(isActive(stand.pictify, keyId)).toBe(false);
    expect(await stand.clock.run(ownLabels(stand, arn))).toEqual([]);
  });

  test("those that people ask for leave a decision to the one that has just written it down", async () => {
    const { stand, arn, keyId } = await retiring();

    await overlapping(stand, 2, 4 * CALL_MS, { only: [arn] });

    expect(revocations(stand)).toBe(1);
    expect(records(stand, "key.kept")).toMatchObject([{ keyId, reason: "another pass has just decided it" }]);
  });
});
