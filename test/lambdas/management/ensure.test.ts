import { describe, expect, test } from "vitest";
import { begun, diesAt } from "../rotation/begun.ts";
import {
  createStand,
  DAY_MS,
  MINUTE_MS,
  mintedKeys,
  pictographKey,
  SECOND_MS,
  type Stand,
  type StandOptions,
} from "../stand.ts";

const ensure = (stand: Stand, secretId: string) => stand.invoke("manage", { action: "ensure", secretId });

/** Where AWS gives a first value no label that it was not asked for, so that a first generation is pending first. */
const asAsked: StandOptions = { parameters: { firstValueStages: "as asked" } };

const NEVER_ALIVE = { kind: "activate-late", delayMs: 30 * DAY_MS } as const;

describe("ensure, after a first try that did not come to its end,", () => {
  test("goes on with the version that is pending", async () => {
    const stand = await createStand(asAsked);
    const arn = await stand.declare();
    stand.pictify.hostile.next("create", { kind: "activate-late", delayMs: 305 * SECOND_MS });

    expect((await ensure(stand, arn)).error).toMatch(/^NOT_YET_ALIVE/);
    await stand.clock.advance(10 * SECOND_MS);
    expect((await ensure(stand, arn)).answer).toMatchObject({ status: "current" });
    expect(mintedKeys(stand.pictify)).toHaveLength(1);
  });

  test("does not go on with a version that is given up, though AWSPENDING was left on it", async () => {
    const stand = await createStand(asAsked);
    const arn = await stand.declare();
    diesAt("UpdateSecretVersionStage", 2)(stand);
    stand.anotherService("prod");
    stand.pictify.hostile.next("create", NEVER_ALIVE);
    await ensure(stand, arn);
    await stand.clock.advance(10 * MINUTE_MS);

    expect((await ensure(stand, arn)).error).toBe("Error: killed");
    expect((await ensure(stand, arn)).answer).toMatchObject({ status: "current" });
  });

  test("never takes up a version again whose key was given up and revoked, and whose labels are gone", async () => {
    const stand = await createStand(asAsked);
    const arn = await stand.declare(pictographKey);
    stand.pictograph.hostile.next("create", NEVER_ALIVE);
    await ensure(stand, arn);
    await stand.clock.advance(10 * MINUTE_MS);
    expect((await ensure(stand, arn)).error).toMatch(/^GENERATION_DEAD/);
    stand.pictograph.revokeKey(mintedKeys(stand.pictograph)[0]?.id ?? "");
    for (const [RemoveFromVersionId, labels] of Object.entries((await stand.facts(arn)).stages))
      for (const VersionStage of labels)
        await stand.aws("UpdateSecretVersionStage", { SecretId: arn, VersionStage, RemoveFromVersionId });
    expect((await stand.facts(arn)).stages).toEqual({});

    expect((await ensure(stand, arn)).answer).toMatchObject({ status: "current" });
    expect(mintedKeys(stand.pictograph)).toHaveLength(1);
  });
});

test("ensure leaves a rotation alone that is on its way, when the declared role has changed", async () => {
  const { stand, arn } = await begun({}, pictographKey);
  await stand.aws("TagResource", { SecretId: arn, Tags: [{ Key: "keyturn:role", Value: "viewer" }] });

  expect(await ensure(stand, arn)).toMatchObject({ answer: { status: "rotating" } });
});
