import { describe, expect, test } from "vitest";
import { marks } from "../../../lambdas/contracts/labels.ts";
import { begun, intercept } from "../rotation/begun.ts";
import { createStand, DAY_MS, HOUR_MS, MINUTE_MS, mintedKeys, type Stand } from "../stand.ts";
import { callWith, currentOf, isActive, look, makeCurrent, passes, putMark, records, unlimited } from "./passes.ts";

/*
 * What people do by hand while reconcile is at it, or before it has looked.
 */
const putForeign = (stand: Stand, arn: string) =>
  stand.aws("PutSecretValue", { SecretId: arn, SecretString: JSON.stringify({ apiKey: "made by hand" }) });

/** A key that was rotated, and whose old generation may go. */
const retiring = async () => {
  const stand = await unlimited();
  const arn = await stand.deploy();
  const old = { version: await currentOf(stand, arn), ...(await stand.currentKey(arn)) };
  await stand.rotate(arn);
  await stand.clock.advance(26 * HOUR_MS);
  return { stand, arn, old };
};

/** Does something right before the functions' n-th call of an operation from now on. */
const rightBefore = (stand: Stand, operation: string, n: number, act: () => Promise<unknown>): void => {
  let count = 0;
  intercept(async (asked, call) => {
    if (asked === operation && ++count === n) await act();
    return call();
  })(stand);
  stand.anotherService("prod");
};

describe("between the look of a pass and its revocation", () => {
  test("a value that somebody puts keeps the old key", async () => {
    const { stand, arn, old } = await retiring();
    rightBefore(stand, "DescribeSecret", 1, () => putForeign(stand, arn));
    await look(stand);

    expect(isActive(stand.pictify, old.keyId)).toBe(true);
    expect(records(stand, "key.kept")).toMatchObject([{ keyId: old.keyId, reason: "its secret has changed" }]);
  });

  test("AWSCURRENT that is moved back while the values are read keeps the key", async () => {
    const { stand, arn, old } = await retiring();
    rightBefore(stand, "DescribeSecret", 2, () => makeCurrent(stand, arn, old.version));
    await look(stand);

    expect(isActive(stand.pictify, old.keyId)).toBe(true);
    expect((await stand.currentKey(arn)).keyId).toBe(old.keyId);
  });

  test("a current key that is to be revoked first keeps the old one, which may be all that works", async () => {
    const { stand, arn, old } = await retiring();
    const current = await currentOf(stand, arn);
    rightBefore(stand, "DescribeSecret", 1, () => putMark(stand, arn, current, "compromised-first"));
    await look(stand);

    expect(isActive(stand.pictify, old.keyId)).toBe(true);
  });

  test("AWSCURRENT that is moved back while the vendor is asked has the key replaced in the same pass", async () => {
    const { stand, arn, old } = await retiring();
    rightBefore(stand, "DescribeSecret", 3, () => makeCurrent(stand, arn, old.version));
    await look(stand);
    await stand.clock.advance(5 * MINUTE_MS);

    expect(records(stand, "key.dead")).toMatchObject([{ keyId: old.keyId }]);
    const { keyId } = await stand.currentKey(arn);
    expect(isActive(stand.pictify, keyId)).toBe(true);
  });
});

describe("a replaced generation that no label is on any more", () => {
  /** Two values that were put by hand take AWSPREVIOUS off the only version that holds the key. */
  const unlabelled = async () => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    const old = { version: await currentOf(stand, arn), ...(await stand.currentKey(arn)) };
    await stand.clock.advance(HOUR_MS);
    await callWith(stand, old.apiKey);
    await putForeign(stand, arn);
    await stand.rotate(arn);
    return { stand, arn, old };
  };

  test("gets its overlap when its key is in use, and retires on evidence", async () => {
    const { stand, arn, old } = await unlabelled();
    await stand.clock.advance(HOUR_MS);
    await look(stand);
    expect(marks("retiring", (await stand.facts(arn)).stages[old.version] ?? [])).toHaveLength(1);
    expect(isActive(stand.pictify, old.keyId)).toBe(true);

    await passes(stand, 26, HOUR_MS);
    expect(isActive(stand.pictify, old.keyId)).toBe(false);
    expect(mintedKeys(stand.pictify).map(({ id }) => id)).toEqual([(await stand.currentKey(arn)).keyId]);
  });

  test("stays a stray when its secret was made again, so that no version holds it", async () => {
    const { stand, arn, old } = await unlabelled();
    await stand.aws("DeleteSecret", { SecretId: arn, ForceDeleteWithoutRecovery: true });
    await stand.deploy();
    await stand.clock.advance(3 * DAY_MS);
    await look(stand);

    expect(isActive(stand.pictify, old.keyId)).toBe(true);
    expect(records(stand, "key.lives")).toContainEqual(
      expect.objectContaining({ keyId: old.keyId, state: "held", reason: expect.stringContaining("it is in use") }),
    );
  });
});

describe("while a value of somebody's own is current", () => {
  test("the last generation that was replaced stays, an older one goes when nobody uses it", async () => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    const oldest = await stand.currentKey(arn);
    await stand.rotate(arn);
    const last = await stand.currentKey(arn);
    await putForeign(stand, arn);
    await passes(stand, 30, HOUR_MS);

    expect(isActive(stand.pictify, oldest.keyId)).toBe(false);
    expect(isActive(stand.pictify, last.keyId)).toBe(true);
  });

  test("a value that a rotation left behind is nothing to go back to: the last generation that worked stays", async () => {
    const { stand, arn, token, step } = await begun({ connections: { pictify: { plan: "enterprise" } } });
    await step("createSecret");
    const old = await stand.currentKey(arn);
    await putForeign(stand, arn);
    await look(stand);
    await stand.clock.advance(MINUTE_MS);
    await putMark(stand, arn, token, "retiring");
    await passes(stand, 30, HOUR_MS);

    expect(isActive(stand.pictify, old.keyId)).toBe(true);
  });

  test("no rotation is started because the one before was given up", async () => {
    const stand = await createStand({ parameters: { putTakesPendingAway: false } });
    const arn = await stand.deploy();
    stand.pictify.hostile.next("create", "server-error", 100);
    await stand.rotate(arn);
    await putForeign(stand, arn);
    await passes(stand, 10, HOUR_MS);

    expect(records(stand, "generation.abandoned")).not.toEqual([]);
    expect(records(stand, "rotation.started")).toEqual([]);
  });
});

test("a compromised generation stays while its replacement is dead at the vendor", async () => {
  const stand = await unlimited();
  const arn = await stand.deploy();
  const old = { version: await currentOf(stand, arn), ...(await stand.currentKey(arn)) };
  await stand.rotate(arn);
  stand.pictify.revokeKey((await stand.currentKey(arn)).keyId);
  await putMark(stand, arn, old.version, "compromised");
  await stand.clock.advance(HOUR_MS);
  await look(stand);

  expect(isActive(stand.pictify, old.keyId)).toBe(true);
  await stand.clock.advance(10 * MINUTE_MS);
  await look(stand);
  expect(isActive(stand.pictify, old.keyId)).toBe(false);
});
