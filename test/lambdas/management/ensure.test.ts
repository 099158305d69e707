import { describe, expect, test } from "vitest";
import { markLabel, marks } from "../../../lambdas/contracts/labels.ts";
import { fakeDistribute } from "../reconciliation/fake-distribute.ts";
import { answerCreatesWith, begun, diesAt } from "../rotation/begun.ts";
import {
  createStand,
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  mintedKeys,
  pictographKey,
  SECOND_MS,
  type Stand,
  type StandOptions,
  stagesOf,
} from "../stand.ts";
import { ask, expecting, keyNow, operations, retag } from "./asking.ts";

const ensure = (stand: Stand, secretId: string, more: object = {}) => ask(stand, "ensure", secretId, more);

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

  test("tells the targets once it has seen the key work, and not before", async () => {
    const stand = await createStand();
    const targets = fakeDistribute(stand);
    const arn = await stand.declare();
    await targets.addTarget(arn);
    stand.pictify.hostile.next("create", { kind: "activate-late", delayMs: 305 * SECOND_MS });

    expect((await ensure(stand, arn)).error).toMatch(/^NOT_YET_ALIVE/);
    await stand.clock.advance(10 * SECOND_MS);
    const before = targets.arnsOf("apply");
    expect((await ensure(stand, arn)).answer).toMatchObject({ status: "current" });
    await stand.clock.advance(SECOND_MS);

    expect(before).toEqual([]);
    expect(targets.arnsOf("apply")).toEqual([arn]);
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

test("ensure leaves a rotation alone that is on its way, when the declared type has changed", async () => {
  const { stand, arn } = await begun();
  await retag(stand, arn, { type: "test" });

  expect(await ensure(stand, arn)).toMatchObject({ answer: { status: "rotating" } });
});

describe("ensure, where the current generation works,", () => {
  test("does not use its key, so that it does not look used", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    await stand.clock.advance(HOUR_MS);
    const before = keyNow(stand.pictify, keyId)?.requests;
    await ensure(stand, arn);

    expect(keyNow(stand.pictify, keyId)?.requests).toBe(before);
  });

  test("asks it with the key where the vendor gives no last use", async () => {
    const stand = await createStand({ pictify: { switches: { lastUsed: "missing" } } });
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    await stand.clock.advance(HOUR_MS);
    const before = keyNow(stand.pictify, keyId)?.requests ?? 0;

    expect((await ensure(stand, arn)).answer).toMatchObject({ status: "current", keyId });
    expect(keyNow(stand.pictify, keyId)?.requests).toBe(before + 1);
  });
});

describe("ensure, where the tags declare another vendor connection,", () => {
  const moved = async (declaration: object, options: StandOptions = {}) => {
    const stand = await createStand({ pictify: { plan: "enterprise" }, ...options });
    const arn = await stand.deploy();
    const old = await stand.currentKey(arn);
    const { current: oldVersion = "" } = stagesOf(await stand.facts(arn));
    await stand.clock.advance(HOUR_MS);
    await stand.aws("UntagResource", { SecretId: arn, TagKeys: ["keyturn:type"] });
    await retag(stand, arn, { vendor: "pictograph", role: "member" });
    const expected = expecting(declaration);
    return { stand, arn, old, oldVersion, told: await ensure(stand, arn, { expected, revive: true }) };
  };
  const toPictograph = { connection: "pictograph", access: { kind: "role", value: "member" } };

  test("mints a generation there, and the old one begins its overlap", async () => {
    const { stand, arn, old, oldVersion, told } = await moved(toPictograph);

    expect(told.answer).toMatchObject({ status: "current", connection: "pictograph", role: "member" });
    expect(mintedKeys(stand.pictograph).map(({ id }) => id)).toEqual([told.answer?.keyId]);
    expect(keyNow(stand.pictify, old.keyId)?.active).toBe(true);
    expect(marks("retiring", (await stand.facts(arn)).stages[oldVersion] ?? [])).toHaveLength(1);
  });

  test("changes nothing when it is repeated", async () => {
    const { stand, arn, told } = await moved(toPictograph);

    expect((await ensure(stand, arn)).answer).toMatchObject({ keyId: told.answer?.keyId });
    expect(mintedKeys(stand.pictograph)).toHaveLength(1);
  });
});

test("ensure replaces a key of another organization of the same vendor", async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  const { keyId } = await stand.currentKey(arn);
  await stand.clock.advance(HOUR_MS);
  const { value } = stand.pictify.issueKey({ name: "elsewhere", access: "live" });
  const text = await stand.aws<{ SecretString: string }>("GetSecretValue", { SecretId: arn });
  const elsewhere = { ...JSON.parse(text.SecretString), apiKey: value, keyId: "key_of_another_team" };
  await stand.aws("PutSecretValue", { SecretId: arn, SecretString: JSON.stringify(elsewhere) });

  const { answer } = await ensure(stand, arn);

  expect(answer).toMatchObject({ status: "current" });
  expect([keyId, "key_of_another_team"]).not.toContain(answer?.keyId);
});

describe("ensure of a key that was destroyed", () => {
  const destroyed = async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    await ask(stand, "delete", arn, { force: true });
    return { stand, arn, keyId };
  };

  test("refuses by itself, so that a late repair does not undo a destroy", async () => {
    const { stand, arn } = await destroyed();

    expect((await ensure(stand, arn)).error).toMatch(/^DESTROYED/);
    expect(mintedKeys(stand.pictify)).toEqual([]);
  });

  test("makes it anew when it is declared again", async () => {
    const { stand, arn, keyId } = await destroyed();
    const { answer } = await ensure(stand, arn, { revive: true, expected: expecting() });

    expect(answer).toMatchObject({ status: "current", liveGenerations: 1 });
    expect(answer?.keyId).not.toBe(keyId);
    expect(JSON.stringify((await stand.facts(arn)).stages)).not.toContain("destroyed");
  });

  test("takes the mark off before it mints: with it, reconcile would revoke what is minted", async () => {
    const { stand, arn } = await destroyed();
    stand.pictify.hostile.next("list", "unavailable", 4);

    expect((await ensure(stand, arn, { revive: true })).error).toMatch(/^VENDOR_UNAVAILABLE/);
    expect(JSON.stringify((await stand.facts(arn)).stages)).not.toContain("destroyed");
    expect((await ensure(stand, arn)).answer).toMatchObject({ status: "current" });
  });

  test("builds on nothing that a destroy may still be revoking", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    const { current = "" } = stagesOf(await stand.facts(arn));
    const VersionStage = markLabel("destroyed", stand.clock.now());
    await stand.aws("UpdateSecretVersionStage", { SecretId: arn, VersionStage, MoveToVersionId: current });

    expect((await ensure(stand, arn, { revive: true })).answer?.keyId).not.toBe(keyId);
    expect(marks("retiring", (await stand.facts(arn)).stages[current] ?? [])).toHaveLength(1);
  });

  test("takes off every mark, also two that twins put", async () => {
    const { stand, arn } = await destroyed();
    const { current = "" } = stagesOf(await stand.facts(arn));
    const VersionStage = markLabel("destroyed", stand.clock.now() + SECOND_MS);
    await stand.aws("UpdateSecretVersionStage", { SecretId: arn, VersionStage, MoveToVersionId: current });
    const answers = await Promise.all([ensure(stand, arn, { revive: true }), ensure(stand, arn, { revive: true })]);

    expect(answers.map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(mintedKeys(stand.pictify)).toHaveLength(1);
  });

  test("refuses where its secret is marked for deletion, and says how to get it back", async () => {
    const { stand, arn } = await destroyed();
    await stand.aws("DeleteSecret", { SecretId: arn });

    expect((await ensure(stand, arn, { revive: true })).error).toMatch(/^DESTROYED.*restore-secret/);
    await stand.aws("RestoreSecret", { SecretId: arn });
    expect((await ensure(stand, arn, { revive: true })).answer).toMatchObject({ status: "current" });
  });
});

test("a key that is minted after its managed key was destroyed, by a run that began before, is taken back", async () => {
  const { stand, arn, step } = await begun();
  const event = { action: "delete", secretId: arn, force: true };
  const ending = stand.account.functions.invoke(stand.functions.manage, event);
  await stand.clock.advance(28 * SECOND_MS); // it waits for new claims
  answerCreatesWith(stand, async (url, init, send) => {
    await Promise.race([ending, stand.clock.sleep(5 * SECOND_MS)]);
    return send(url, init);
  });

  expect((await step("createSecret")).error).toMatch(/^DESTROYED/);
  expect(operations(stand.pictify).create).toBe(2);
  expect(mintedKeys(stand.pictify)).toEqual([]);
});
