import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { marks } from "../../../lambdas/contracts/labels.ts";
import { decide } from "../../../lambdas/reconciliation/decide/decide.ts";
import { HOUR_MS, MINUTE_MS, mintedKeys, type Stand } from "../stand.ts";
import { anyWorld, observedWorld } from "./a-world.ts";
import { fakeDistribute } from "./fake-distribute.ts";
import { GRANTS } from "./observed.ts";
import {
  currentOf,
  isActive,
  look,
  lookAndSettle,
  ownLabels,
  passes,
  putMark,
  records,
  unlimited,
  written,
} from "./passes.ts";

const deployed = async (options = {}) => {
  const stand = await unlimited(options);
  const arn = await stand.deploy();
  const { keyId } = await stand.currentKey(arn);
  await stand.clock.advance(HOUR_MS);
  return { stand, arn, keyId };
};

const ids = (stand: Stand) => mintedKeys(stand.pictify).map(({ id }) => id);

describe("a compromised current generation", () => {
  test("stays until the next one is current, and goes then without overlap or quiet period", async () => {
    const { stand, arn, keyId } = await deployed();
    await putMark(stand, arn, await currentOf(stand, arn), "compromised");
    await look(stand);
    expect(isActive(stand.pictify, keyId)).toBe(true);
    await stand.clock.advance(MINUTE_MS);
    await look(stand);

    expect(isActive(stand.pictify, keyId)).toBe(false);
    expect(ids(stand)).toEqual([(await stand.currentKey(arn)).keyId]);
    expect(records(stand, "key.revoked")).toMatchObject([{ keyId, reason: "compromised" }]);
  });

  test("loses its labels when the vendor confirms, not before", async () => {
    const { stand, arn } = await deployed();
    await putMark(stand, arn, await currentOf(stand, arn), "compromised");
    await lookAndSettle(stand);
    stand.pictify.hostile.next("revoke", "revoke-not-done");
    await look(stand);
    expect(await ownLabels(stand, arn)).toHaveLength(2);
    await look(stand);
    await look(stand);

    expect(await ownLabels(stand, arn)).toEqual([]);
    expect(ids(stand)).toHaveLength(1);
  });

  test("is replaced by one rotation, and by none of ours where `manage` has started it", async () => {
    const { stand, arn } = await deployed();
    await stand.invoke("manage", { action: "compromised", secretId: arn });
    for (let n = 0; n < 3; n++) await lookAndSettle(stand);

    expect(records(stand, "rotation.started").filter(({ reason }) => reason !== "manage was asked to")).toEqual([]);
    expect(ids(stand)).toEqual([(await stand.currentKey(arn)).keyId]);
    expect(await ownLabels(stand, arn)).toEqual([]);
  });

  test("is looked after at the passes of the schedule, without waiting for the hour", async () => {
    const { stand, arn, keyId } = await deployed();
    await stand.clock.advance(20 * MINUTE_MS);
    await putMark(stand, arn, await currentOf(stand, arn), "compromised");
    await stand.invoke("reconcile", {});
    await stand.clock.advance(5 * MINUTE_MS);
    await stand.invoke("reconcile", {});

    expect(isActive(stand.pictify, keyId)).toBe(false);
  });

  test("whose rotation is turned off is told to a person", async () => {
    const { stand, arn, keyId } = await deployed();
    await stand.aws("CancelRotateSecret", { SecretId: arn });
    await putMark(stand, arn, await currentOf(stand, arn), "compromised");
    await look(stand);

    expect(isActive(stand.pictify, keyId)).toBe(true);
    expect(written(stand, "DriftFound")).toEqual([1]);
    expect(records(stand, "rotation.not-started")).toHaveLength(1);
  });
});

describe("a generation that is to be revoked first", () => {
  test("is revoked at once, although it is current, and replaced", async () => {
    const { stand, arn, keyId } = await deployed();
    await putMark(stand, arn, await currentOf(stand, arn), "compromised-first");
    await look(stand);
    expect(isActive(stand.pictify, keyId)).toBe(false);
    await stand.clock.advance(MINUTE_MS);
    for (let n = 0; n < 2; n++) await look(stand);

    expect(ids(stand)).toEqual([(await stand.currentKey(arn)).keyId]);
    expect(await ownLabels(stand, arn)).toEqual([]);
  });

  test("is nobody's outage: who asked for it knows", async () => {
    const { stand, arn } = await deployed();
    await putMark(stand, arn, await currentOf(stand, arn), "compromised-first");
    for (let n = 0; n < 3; n++) await look(stand);

    expect(written(stand, "CurrentKeyDead")).toEqual([]);
  });
});

describe("a compromised generation that was replaced before", () => {
  test("goes in the middle of its overlap", async () => {
    const { stand, arn, keyId } = await deployed();
    const old = await currentOf(stand, arn);
    await stand.rotate(arn);
    await putMark(stand, arn, old, "compromised");
    await look(stand);

    expect(isActive(stand.pictify, keyId)).toBe(false);
    await look(stand);
    expect(await ownLabels(stand, arn)).toEqual([]);
  });

  test("and that a person has put back meanwhile is replaced first", async () => {
    const { stand, arn, keyId } = await deployed();
    const old = await currentOf(stand, arn);
    const { SecretString } = await stand.aws<{ SecretString: string }>("GetSecretValue", { SecretId: arn });
    await stand.rotate(arn);
    await putMark(stand, arn, old, "compromised");
    await stand.aws("PutSecretValue", { SecretId: arn, SecretString });
    await look(stand);
    expect(isActive(stand.pictify, keyId)).toBe(true);
    await stand.clock.advance(MINUTE_MS);
    await look(stand);

    expect(isActive(stand.pictify, keyId)).toBe(false);
  });
});

describe("a compromised key that still lives", () => {
  const waiting = async () => {
    const { stand, arn, keyId } = await deployed();
    const targets = fakeDistribute(stand);
    await targets.addTarget(arn);
    const old = await currentOf(stand, arn);
    await stand.rotate(arn);
    await putMark(stand, arn, old, "compromised");
    targets.says(arn, "web", { adopted: false, code: "STUCK", reason: "the pod web-1 does not start" });
    return { stand, arn, keyId, targets };
  };

  test("calls somebody after half an hour, with what keeps it and since when it is marked, and not before", async () => {
    const { stand, arn, keyId, targets } = await waiting();
    const markedAt = new Date(stand.clock.now()).toISOString();
    await passes(stand, 5);
    const before = written(stand, "CompromisedAlive");
    await passes(stand, 1);
    const [last] = records(stand, "key.lives").slice(-1);
    targets.says(arn, "web", { adopted: true });
    await passes(stand, 2);

    expect(before).toEqual([]);
    expect(written(stand, "CompromisedAlive")[0]).toBe(1);
    expect(last).toMatchObject({
      keyId,
      state: "waiting",
      reason: expect.stringMatching(`has not adopted: the pod web-1 does not start \\(marked ${markedAt}\\)$`),
    });
    expect(isActive(stand.pictify, keyId)).toBe(false);
  });

  test("calls nobody any more once it is gone", async () => {
    const { stand, arn, targets } = await waiting();
    await stand.clock.advance(40 * MINUTE_MS);
    targets.says(arn, "web", { adopted: true });
    await passes(stand, 1);
    const calls = written(stand, "CompromisedAlive").length;
    await passes(stand, 3);

    expect(written(stand, "CompromisedAlive").length).toBe(calls);
  });

  test("calls somebody although it is current, which the log then tells unasked", async () => {
    const { stand, arn, keyId } = await deployed();
    await stand.aws("CancelRotateSecret", { SecretId: arn });
    await putMark(stand, arn, await currentOf(stand, arn), "compromised");
    await stand.clock.advance(20 * MINUTE_MS); // far from the hourly look
    await passes(stand, 3);

    expect(written(stand, "CompromisedAlive").length).toBeGreaterThan(0);
    expect(records(stand, "key.lives").at(-1)).toMatchObject({
      keyId,
      state: "current",
      reason: expect.stringMatching(/^it is compromised, and nothing has replaced it yet/),
    });
  });

  test("calls somebody whatever else is the matter with it", () => {
    const isMarked = (labels: readonly string[], nowMs: number) =>
      [...marks("compromised", labels), ...marks("compromised-first", labels)].some(
        ({ atMs }) => nowMs >= atMs + 30 * MINUTE_MS,
      );
    let called = 0;
    fc.assert(
      fc.property(anyWorld, (world) => {
        const observation = observedWorld(world);
        const stages = observation.keys[0]?.secret.stages ?? {};
        for (const { versionId = "", metric } of decide(observation, GRANTS, {}).lives) {
          if (!isMarked(stages[versionId] ?? [], observation.nowMs)) continue;
          called++;
          expect(metric).toBe("CompromisedAlive");
        }
      }),
      { numRuns: 2_000 },
    );
    expect(called).toBeGreaterThan(200);
  });
});
