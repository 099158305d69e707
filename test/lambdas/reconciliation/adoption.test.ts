import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TargetResult } from "../../../lambdas/contracts/distribute.ts";
import { CURRENT, markLabel, versionWith } from "../../../lambdas/contracts/labels.ts";
import { targetTags } from "../../../lambdas/contracts/target-tags.ts";
import { decide } from "../../../lambdas/reconciliation/decide/decide.ts";
import { adoptionFrom } from "../../../lambdas/reconciliation/observe/adoption.ts";
import { reconcileHandler } from "../../../lambdas/reconciliation/reconcile.ts";
import { createStand, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Stand, type StandOptions } from "../stand.ts";
import { anyWorld, observedWorld } from "./a-world.ts";
import { type FakeDistribute, fakeDistribute, placeOf } from "./fake-distribute.ts";
import { ARN, GRANTS, keyOf, NOW } from "./observed.ts";
import { currentOf, isActive, look, ownLabels, passes, putMark, records, unlimited, written } from "./passes.ts";

interface Rotated {
  readonly stand: Stand;
  readonly targets: FakeDistribute;
  readonly arn: string;
  /** The key that was replaced. */
  readonly oldKeyId: string;
}

/** A key with one target that was rotated. Its overlap has just begun. */
const rotated = async (declaration = {}, options: StandOptions = {}): Promise<Rotated> => {
  const stand = await unlimited(options);
  const targets = fakeDistribute(stand);
  const arn = await stand.deploy(declaration);
  const { keyId: oldKeyId } = await stand.currentKey(arn);
  await targets.addTarget(arn);
  await stand.rotate(arn);
  return { stand, targets, arn, oldKeyId };
};

/** The same after overlap and quiet period: only the target can keep the old key. */
const overlapOver = async (declaration = {}, options: StandOptions = {}): Promise<Rotated> => {
  const made = await rotated(declaration, options);
  await made.stand.clock.advance(26 * HOUR_MS);
  return made;
};

const reasonOf = (stand: Stand) => records(stand, "key.lives").at(-1);

describe("a replaced key", () => {
  test("goes when its target has adopted the new one", async () => {
    const { stand, oldKeyId } = await overlapOver();
    await look(stand);
    expect(isActive(stand.pictify, oldKeyId)).toBe(false);
  });

  test("stays while its target has not, and the log names the target and what keeps it", async () => {
    const { stand, targets, arn, oldKeyId } = await overlapOver();
    targets.says(arn, "web", { adopted: false, code: "STUCK", reason: "the pod web-1 does not start" });
    await look(stand);
    expect(isActive(stand.pictify, oldKeyId)).toBe(true);
    expect(reasonOf(stand)).toMatchObject({
      keyId: oldKeyId,
      state: "waiting",
      reason: "the target web has not adopted: the pod web-1 does not start",
    });
  });

  test("stays until the last of its targets has", async () => {
    const { stand, targets, arn, oldKeyId } = await overlapOver();
    await targets.addTarget(arn, "worker");
    targets.says(arn, "worker", { adopted: false, code: "ROLLING", reason: "pods are being replaced" });
    await look(stand);
    expect(isActive(stand.pictify, oldKeyId)).toBe(true);
    targets.says(arn, "worker", { adopted: true });
    await look(stand);
    expect(isActive(stand.pictify, oldKeyId)).toBe(false);
  });

  test("stays for the quiet period after the adoption", async () => {
    const { stand, targets, arn, oldKeyId } = await overlapOver();
    targets.says(arn, "web", { since: new Date(stand.clock.now() - 10 * MINUTE_MS).toISOString() });
    await look(stand);
    expect(isActive(stand.pictify, oldKeyId)).toBe(true);
    await stand.clock.advance(HOUR_MS);
    await look(stand);
    expect(isActive(stand.pictify, oldKeyId)).toBe(false);
  });

  test("past its deadline raises the alarm, with the target's reason, and stays", async () => {
    const { stand, targets, arn, oldKeyId } = await overlapOver();
    targets.says(arn, "web", { adopted: false, code: "STUCK", reason: "deployment/webapp is paused" });
    await stand.clock.advance(14 * DAY_MS);
    await look(stand);
    expect(isActive(stand.pictify, oldKeyId)).toBe(true);
    expect(written(stand, "RetirementBlocked")).toEqual([1]);
    expect(reasonOf(stand)).toMatchObject({ state: "blocked", reason: expect.stringContaining("webapp is paused") });
  });

  test("past its deadline goes in spite of its targets where its declaration says so", async () => {
    const { stand, targets, arn, oldKeyId } = await overlapOver(
      { onDeadline: "revoke" },
      { floor: { onDeadline: "revoke" } },
    );
    targets.says(arn, "web", { adopted: false, code: "STUCK", reason: "deployment/webapp is paused" });
    await stand.clock.advance(14 * DAY_MS);
    await look(stand);
    expect(isActive(stand.pictify, oldKeyId)).toBe(false);
  });
});

describe("what is not known of a target counts as not adopted", () => {
  test.each<[string, (made: Rotated) => void]>([
    ["distribute fails", ({ targets }) => targets.answerBy(() => Promise.reject(new Error("out of memory")))],
    ["its answer never comes", ({ targets }) => targets.answerBy(() => new Promise(() => {}))],
    ["its answer is none", ({ targets }) => targets.answerBy(async () => ({ done: true }))],
    ["the answer leaves the target out", ({ targets, arn }) => targets.says(arn, "web", undefined)],
    ["distribute is not there", ({ stand }) => stand.account.functions.delete(stand.functions.distribute)],
    [
      "the answer is about another version",
      ({ targets }) =>
        targets.answerBy(async ({ secrets }) => ({
          targets: secrets.map(({ arn }) => ({ arn, id: "web", versionId: "x".repeat(32), adopted: true })),
        })),
    ],
    [
      "the secret could not be read",
      ({ targets }) =>
        targets.answerBy(async ({ secrets }) => ({
          targets: [],
          failed: secrets.map((one) => ({ ...one, code: "NO_TIME", reason: "no time" })),
        })),
    ],
  ])("when %s", async (_, breakIt) => {
    const made = await overlapOver();
    breakIt(made);
    await look(made.stand);
    expect(isActive(made.stand.pictify, made.oldKeyId)).toBe(true);
    made.targets.answerBy(undefined);
    expect(reasonOf(made.stand)).toMatchObject({ state: "waiting", keyId: made.oldKeyId });
  });

  test("a failure as a whole is told by the pass, after it has done all the rest", async () => {
    const { stand, targets } = await overlapOver();
    const other = await stand.deploy({ name: "shop" });
    const { keyId } = await stand.currentKey(other);
    await stand.rotate(other);
    await stand.clock.advance(26 * HOUR_MS);
    targets.answerBy(() => Promise.reject(new Error("out of memory")));
    expect((await look(stand)).error).toMatch(/^CONFLICT: 1 of this pass failed/);
    expect(isActive(stand.pictify, keyId)).toBe(false);
    expect(records(stand, "targets.not-seen")).toHaveLength(1);
  });

  test("a pass that waits for an answer in vain still comes to its end in time", async () => {
    const { stand, targets } = await overlapOver();
    targets.answerBy(() => new Promise(() => {}));
    const startMs = stand.clock.now();
    await look(stand);
    expect(stand.clock.now() - startMs).toBeLessThan(300 * SECOND_MS);
    expect(records(stand, "pass.completed")).toHaveLength(1);
  });

  test("tags that declare targets in a service that has no distribute are refused, and keep the old key", async () => {
    const { stand, oldKeyId, arn } = await overlapOver();
    const world = { ...stand.worldOf("prod"), environment: {} };
    stand.account.functions.create({
      name: stand.functions.reconcile,
      timeoutMs: 300_000,
      secretsManagerMayInvoke: false,
      handler: reconcileHandler(world),
    });
    await look(stand);
    expect(isActive(stand.pictify, oldKeyId)).toBe(true);
    expect(written(stand, "RequestsRefused")).toEqual([1]);
    expect(records(stand, "targets.not-served")).toMatchObject([{ reason: expect.stringMatching(/targets web, and/) }]);
    expect(arn).toContain("web");
  });
});

describe("of many targets", () => {
  test("a lost answer takes no other hundred with it", async () => {
    const stand = await createStand({
      pictify: { plan: "enterprise" },
      connections: { pictify: { plan: "enterprise" } },
    });
    const targets = fakeDistribute(stand);
    const arns: string[] = [];
    for (let n = 0; n < 103; n++) {
      const arn = await stand.declare({ name: `key-${n}` });
      await stand.invoke("manage", { action: "ensure", secretId: arn });
      await stand.turnOn(arn);
      await targets.addTarget(arn);
      arns.push(arn);
    }
    const old = new Map<string, string>();
    for (const arn of arns) old.set(arn, (await stand.currentKey(arn)).keyId);
    for (const arn of arns) await stand.rotate(arn);
    await stand.clock.advance(26 * HOUR_MS);
    let lost: readonly string[] = [];
    targets.answerBy(async ({ secrets }) => {
      if (secrets.length < 100) {
        lost = secrets.map(({ arn }) => arn);
        throw new Error("lost");
      }
      return { targets: secrets.map((one) => ({ ...one, id: "web", adopted: true })) };
    });
    await look(stand);
    const left = arns.filter((arn) => isActive(stand.pictify, old.get(arn) ?? ""));
    expect(lost).toHaveLength(3);
    expect(left.toSorted()).toEqual([...lost].toSorted());
  }, 60_000);
});

describe("a target that is behind", () => {
  test("is applied by the same pass, once, with the version that is current", async () => {
    const { stand, targets, arn } = await overlapOver();
    await targets.addTarget(arn, "worker");
    const behind = { adopted: false, code: "BEHIND", reason: "another value", behind: true } as const;
    targets.says(arn, "web", behind);
    targets.says(arn, "worker", behind);
    await look(stand);
    await stand.clock.advance(SECOND_MS);
    const applied = targets.asked.filter(({ action }) => action === "apply").slice(1);
    expect(applied).toEqual([{ action: "apply", secrets: [{ arn, versionId: await currentOf(stand, arn) }] }]);
    expect(records(stand, "distribution.asked")).toMatchObject([
      { secretId: arn, reason: "the target web: another value; the target worker: another value" },
    ]);
  });

  test("is put right by the hourly look although nothing of its key has changed for long", async () => {
    const { stand, targets, arn } = await overlapOver();
    await look(stand);
    await look(stand);
    await stand.clock.advance(3 * DAY_MS + 30 * MINUTE_MS);
    targets.says(arn, "web", { adopted: false, code: "BEHIND", reason: "deleted by hand", behind: true });
    const before = targets.arnsOf("apply").length;
    await passes(stand, 8);
    const applied = targets.arnsOf("apply").slice(before);
    expect(applied.length).toBeGreaterThanOrEqual(1);
    expect(applied.length).toBeLessThanOrEqual(2);
  });

  test("is put right within minutes after a rotation whose own apply was lost", async () => {
    const { stand, targets, arn } = await rotated();
    await stand.clock.advance(20 * MINUTE_MS); // far from the hourly look
    targets.says(arn, "web", { adopted: false, code: "BEHIND", reason: "the value before", behind: true });
    const before = targets.arnsOf("apply").length;
    await passes(stand, 1);
    expect(targets.arnsOf("apply").slice(before)).toEqual([arn]);
  });

  test("of one key is no matter of another's", async () => {
    const { stand, targets, arn, oldKeyId } = await overlapOver();
    const other = await stand.deploy({ name: "shop" });
    await targets.addTarget(other);
    await stand.clock.advance(10 * MINUTE_MS);
    // The retirement that ends in this look applies its own targets.
    await look(stand);
    await stand.clock.advance(SECOND_MS);
    targets.says(other, "web", { adopted: false, code: "BEHIND", reason: "another value", behind: true });
    const before = targets.arnsOf("apply").length;
    await look(stand);
    await stand.clock.advance(SECOND_MS);
    expect(targets.arnsOf("apply").slice(before)).toEqual([other]);
    expect(isActive(stand.pictify, oldKeyId)).toBe(false);
    expect(arn).not.toBe(other);
  });

  test("that cannot be applied now fails no other action, and is tried by the next pass", async () => {
    const { stand, targets, arn, oldKeyId } = await overlapOver();
    const other = await stand.deploy({ name: "shop" });
    await targets.addTarget(other);
    await stand.clock.advance(10 * MINUTE_MS);
    targets.says(other, "web", { adopted: false, code: "BEHIND", reason: "another value", behind: true });
    targets.answerBy(async ({ action, secrets }) => {
      if (action === "apply") throw new Error("boom");
      return {
        targets: secrets.map((one) => ({ ...one, id: "web", adopted: one.arn === arn, behind: one.arn !== arn })),
      };
    });
    expect((await look(stand)).error).toBeUndefined();
    targets.answerBy(undefined);
    const before = targets.arnsOf("apply").length;
    await look(stand);
    await stand.clock.advance(SECOND_MS);
    expect(targets.arnsOf("apply").slice(before)).toContain(other);
    expect(isActive(stand.pictify, oldKeyId)).toBe(false);
  });
});

describe("after a retirement", () => {
  test("the targets are applied once more, as soon as the old key is being revoked", async () => {
    const { stand, targets, arn } = await overlapOver();
    const before = targets.arnsOf("apply").length;
    await look(stand);
    await stand.clock.advance(SECOND_MS);
    expect(await ownLabels(stand, arn)).toEqual([]);
    expect(targets.arnsOf("apply").slice(before)).toEqual([arn]);
    const order = stand.lines.map((line) => JSON.parse(line).action);
    expect(order.lastIndexOf("distribution.asked")).toBeGreaterThan(order.lastIndexOf("key.revoked"));
  });

  test("an old value that is still there is found by the passes that follow", async () => {
    const { stand, targets, arn } = await overlapOver();
    await stand.clock.advance(20 * MINUTE_MS);
    await look(stand);
    await look(stand);
    targets.says(arn, "web", { behind: true });
    const before = targets.arnsOf("apply").length;
    await passes(stand, 1);
    expect(targets.arnsOf("apply").slice(before)).toEqual([arn]);
  });
});

describe("a compromised key", () => {
  const compromised = async () => {
    const made = await rotated();
    const [old = ""] = Object.entries((await made.stand.facts(made.arn)).stages).find(
      ([, labels]) => !labels.includes(CURRENT),
    ) ?? [""];
    await putMark(made.stand, made.arn, old, "compromised");
    await made.stand.clock.advance(20 * MINUTE_MS); // far from the hourly look
    return made;
  };

  test("goes within minutes when its replacement was adopted", async () => {
    const { stand, oldKeyId } = await compromised();
    await passes(stand, 1);
    expect(isActive(stand.pictify, oldKeyId)).toBe(false);
  });

  test("stays while its replacement has not arrived, and the log says where", async () => {
    const { stand, targets, arn, oldKeyId } = await compromised();
    targets.says(arn, "web", { adopted: false, code: "UNREACHABLE", reason: "no connection to the cluster prod" });
    await passes(stand, 3);
    expect(isActive(stand.pictify, oldKeyId)).toBe(true);
    expect(reasonOf(stand)).toMatchObject({ reason: expect.stringMatching(/replacement.*web.*cluster prod/) });
  });
});

describe("distribute is asked", () => {
  test("about no key without targets, and about none at all in a quiet hour", async () => {
    const { stand, targets } = await overlapOver();
    await stand.deploy({ name: "shop" });
    await look(stand);
    await look(stand);
    await stand.clock.advance(3 * DAY_MS + 30 * MINUTE_MS);
    const before = targets.asked.length;
    await passes(stand, 3);
    expect(targets.asked.slice(before)).toEqual([]);
  });

  test("about the secrets alone that a person names", async () => {
    const { stand, targets, arn } = await overlapOver();
    const other = await stand.deploy({ name: "shop" });
    await targets.addTarget(other);
    const before = targets.arnsOf("observe").length;
    await stand.invoke("reconcile", { only: [other] });
    expect(targets.arnsOf("observe").slice(before)).toEqual([other]);
    expect(arn).not.toBe(other);
  });

  test("for nothing of a key that is being destroyed", async () => {
    const { stand, targets, arn } = await rotated();
    stand.pictify.hostile.next("revoke", "unavailable", 99);
    await stand.invoke("manage", { action: "delete", secretId: arn, force: true });
    const before = targets.asked.length;
    await look(stand);
    expect(targets.asked.slice(before)).toEqual([]);
  });
});

test("the lag of a key's targets is measured from the rotation on", async () => {
  const { stand, targets, arn } = await rotated();
  targets.says(arn, "web", { adopted: false, code: "ROLLING", reason: "pods are being replaced" });
  await stand.clock.advance(10 * MINUTE_MS);
  await look(stand);
  targets.says(arn, "web", { adopted: true });
  await look(stand);
  const [waiting = [], adopted = []] = stand.lines.map((line) => JSON.parse(line).AdoptionLag).filter(Boolean);
  expect(waiting).toEqual([expect.closeTo(600, -2)]);
  expect(adopted).toEqual([0]);
});

describe("whatever distribute answers", () => {
  const IDS = ["web", "worker", "shop"];
  const TAGS = Object.assign({}, ...IDS.map((id) => targetTags(placeOf(id))));
  const someResult = fc.record({
    id: fc.constantFrom(...IDS, "gone"),
    arn: fc.constantFrom(ARN, ARN, ARN, "arn:other"),
    versionId: fc.constantFrom("v0", "v1", "v2", "v3"),
    adopted: fc.boolean(),
    behind: fc.boolean(),
  });
  const someFailure = fc.record({
    arn: fc.constantFrom(ARN, "arn:other"),
    versionId: fc.constant("v0"),
    code: fc.constant("NO_TIME"),
    reason: fc.constant("no time"),
  });
  const someAnswer = fc.record({
    targets: fc.array(someResult, { maxLength: 8 }),
    failed: fc.array(someFailure, { maxLength: 2 }),
  });
  const isAdopted = (results: readonly TargetResult[], current: string | undefined) =>
    IDS.every((id) => {
      const ofTarget = results.filter((one) => one.id === id && one.arn === ARN && one.versionId === current);
      return ofTarget.length > 0 && ofTarget.every(({ adopted }) => adopted);
    });

  test("nothing is retired while any target has not adopted, or is not answered for", () => {
    let waited = 0;
    fc.assert(
      fc.property(anyWorld, someAnswer, fc.boolean(), (world, answer, isAsked) => {
        const observation = observedWorld(world);
        const keys = observation.keys.map((key) => {
          const secret = { ...key.secret, tags: TAGS };
          const current = versionWith(secret.stages, CURRENT);
          if (!isAsked || current === undefined) return { ...key, secret };
          return { ...key, secret, adoption: adoptionFrom(secret, current, answer) };
        });
        const current = versionWith(keys[0]?.secret.stages ?? {}, CURRENT);
        const isKnown = isAsked && !answer.failed.some(({ arn }) => arn === ARN);
        if (isKnown && isAdopted(answer.targets, current)) return;
        const { actions } = decide({ ...observation, keys }, GRANTS, {});
        // A key that is dead already is only confirmed to be.
        const alive = [...world.listed, ...world.elsewhere].filter(({ active }) => active).map(({ id }) => id);
        const grounds = actions.flatMap((action) =>
          action.kind === "revoke" && alive.includes(action.keyId) ? [action.ground] : [],
        );
        waited++;
        expect(grounds).not.toContain("retired");
        expect(grounds).not.toContain("compromised");
      }),
      { numRuns: 2_000 },
    );
    expect(waited).toBeGreaterThan(500);
  });

  test("a secret that could not be read has not adopted, whatever is said of its targets", () => {
    const { secret } = keyOf({ stages: { v0: [CURRENT] }, listed: [] });
    const targets = [{ arn: ARN, id: "web", versionId: "v0", adopted: true }];
    const failed = [{ arn: ARN, versionId: "v0", code: "NO_TIME", reason: "no time" }];
    expect(adoptionFrom({ ...secret, tags: targetTags(placeOf("web")) }, "v0", { targets, failed })).toMatchObject({
      adopted: false,
      reason: "how its targets stand is not known: no time",
    });
  });

  test("all of it adopted is adopted, since the latest", () => {
    const { secret } = keyOf({ stages: { v0: [CURRENT], v1: [markLabel("retiring", NOW)] }, listed: [] });
    const results = IDS.map((id, n) => ({
      arn: ARN,
      id,
      versionId: "v0",
      adopted: true,
      since: new Date(NOW + n).toISOString(),
    }));
    const answer = { targets: results, failed: [] };
    expect(adoptionFrom({ ...secret, tags: TAGS }, "v0", answer)).toEqual({ adopted: true, sinceMs: NOW + 2 });
  });
});
