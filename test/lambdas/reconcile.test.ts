import { describe, expect, test } from "vitest";
import { generationOf, keyName, serviceId } from "../../lambdas/contracts/key-name.ts";
import {
  callWith,
  currentOf,
  isActive as isActiveAt,
  leaveStray,
  log,
  makeCurrent,
  ownLabels,
  passes,
  putMark,
  look as reconcile,
  unlimited,
  written,
} from "./reconciliation/passes.ts";
import { addSecondConnection, secondConnectionOf } from "./second-connection.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, mintedKeys, pictographKey, type Stand, type StandOptions } from "./stand.ts";

const isActive = (stand: Stand, keyId: string) => isActiveAt(stand.pictify, keyId);

describe("a stray", () => {
  test("that was never used is revoked when it is old enough, and not before", async () => {
    const stand = await unlimited();
    const { id } = leaveStray(stand);
    await stand.clock.advance(DAY_MS);
    await reconcile(stand);
    expect(isActive(stand, id)).toBe(true);
    await stand.clock.advance(6 * MINUTE_MS);
    await reconcile(stand);
    expect(isActive(stand, id)).toBe(false);
  });

  test("that is in use is somebody's: it stays, with an alarm that names it", async () => {
    const stand = await unlimited();
    const { id, value } = leaveStray(stand);
    await stand.clock.advance(DAY_MS);
    await callWith(stand, value);
    await stand.clock.advance(DAY_MS);
    await reconcile(stand);
    expect(isActive(stand, id)).toBe(true);
    expect(log(stand)).toMatch(new RegExp(`key.lives.*${id}.*"state":"held".*it is in use`));
    expect(log(stand)).toContain('"StraysHeld":1');
  });

  test.each([
    ["report", true],
    ["revoke", false],
  ] as const)("without usage data is treated as the service says: %s", async (strays, stays) => {
    const stand = await unlimited({ grants: { strays }, pictify: { switches: { lastUsed: "missing" } } });
    const { id } = leaveStray(stand);
    await stand.clock.advance(2 * DAY_MS);
    await reconcile(stand);
    expect(isActive(stand, id)).toBe(stays);
  });

  test("in use stays even when a person names it", async () => {
    const stand = await unlimited();
    const { id, value } = leaveStray(stand);
    await stand.clock.advance(DAY_MS);
    await callWith(stand, value);
    await stand.clock.advance(DAY_MS);
    await reconcile(stand, { revokeStrays: [id] });
    expect(isActive(stand, id)).toBe(true);
  });

  test("goes when a person names it, also in a pass over some secrets only", async () => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    const [named, other] = [leaveStray(stand, 1), leaveStray(stand, 2)];
    await stand.clock.advance(2 * DAY_MS);
    await reconcile(stand, { only: [arn], revokeStrays: [named.id] });
    expect([isActive(stand, named.id), isActive(stand, other.id)]).toEqual([false, true]);
  });

  test("of another service in the same vendor organization is not ours", async () => {
    const stand = await unlimited();
    stand.anotherService("stage");
    const theirs = leaveStray(stand, 0, "stage");
    const ours = leaveStray(stand, 1);
    await stand.clock.advance(2 * DAY_MS);
    await reconcile(stand);
    expect([isActive(stand, ours.id), isActive(stand, theirs.id)]).toEqual([false, true]);
  });

  test("is not a key that people made, whatever they call it", async () => {
    const stand = await unlimited();
    const byHand = ["web", "web-kt-old", "web-kt-zzzzzzzz-0000000000"].map((name) =>
      stand.pictify.issueKey({ name, access: "live" }),
    );
    await stand.clock.advance(2 * DAY_MS);
    await reconcile(stand);
    expect(byHand.every(({ id }) => isActive(stand, id))).toBe(true);
  });

  test("is not a key of a secret that lost its tags by mistake", async () => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    await stand.aws("UntagResource", { SecretId: arn, TagKeys: ["keyturn:service"] });
    await stand.clock.advance(2 * DAY_MS);
    await reconcile(stand);
    expect(isActive(stand, keyId)).toBe(true);
    expect(log(stand)).toMatch(/key\.kept/);
  });

  test("is not a key of a secret that waits for its deletion", async () => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    await stand.aws("DeleteSecret", { SecretId: arn });
    await stand.clock.advance(2 * DAY_MS);
    await reconcile(stand);
    expect(isActive(stand, keyId)).toBe(true);
  });

  test("is the second key of a mint that the vendor did twice", async () => {
    const stand = await unlimited();
    const arn = await stand.declare();
    stand.pictify.hostile.next("create", "create-twice");
    await stand.invoke("manage", { action: "ensure", secretId: arn });
    expect(mintedKeys(stand.pictify)).toHaveLength(2);
    await stand.clock.advance(2 * DAY_MS);
    await reconcile(stand);
    const { keyId } = await stand.currentKey(arn);
    expect(mintedKeys(stand.pictify).map((key) => key.id)).toEqual([keyId]);
  });

  test("is a key of a generation's name at the connection that its secret has left", async () => {
    const stand = await unlimited();
    await addSecondConnection(stand, "pictify");
    const arn = await stand.deploy({ connection: secondConnectionOf("pictify") });
    const { keyId } = await stand.currentKey(arn);
    const id = serviceId("prod", stand.account.functions.arnOf("any"));
    const name = keyName("web", id, generationOf(await currentOf(stand, arn)));
    const twin = stand.pictify.issueKey({ name, access: "live" });
    await stand.clock.advance(2 * DAY_MS);

    await reconcile(stand);

    expect([keyId, twin.id].map((one) => isActive(stand, one))).toEqual([true, false]);
  });
});

describe("the brake", () => {
  const withStrays = async (count: number) => {
    const stand = await unlimited();
    const strays = Array.from({ length: count }, (_, n) => leaveStray(stand, n));
    await stand.clock.advance(2 * DAY_MS);
    return { stand, strays, left: () => strays.filter(({ id }) => isActive(stand, id)).length };
  };

  test("lets as many strays go as it allows", async () => {
    const { stand, left } = await withStrays(5);
    await reconcile(stand);
    expect(left()).toBe(0);
  });

  test("lets none go when there are more, raises an alarm and names them", async () => {
    const { stand, strays, left } = await withStrays(6);
    await reconcile(stand);
    expect(left()).toBe(6);
    expect(strays.every(({ id }) => log(stand).includes(id))).toBe(true);
    expect(written(stand, "StraysHeld")).toEqual([6]);
  });

  test("gives way to a person who names them", async () => {
    const { stand, strays, left } = await withStrays(6);
    await reconcile(stand, { revokeStrays: strays.map(({ id }) => id) });
    expect(left()).toBe(0);
  });

  test("does not count retirements", async () => {
    const stand = await unlimited();
    const arns = await Promise.all(Array.from({ length: 7 }, (_, n) => stand.deploy({ name: `web-${n}` })));
    for (const arn of arns) await stand.rotate(arn);
    await stand.clock.advance(26 * HOUR_MS);
    await reconcile(stand);
    expect(mintedKeys(stand.pictify)).toHaveLength(7);
  });
});

describe("debt", () => {
  const retiring = async (options: StandOptions = {}) => {
    const stand = await unlimited(options);
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    await stand.rotate(arn);
    await stand.clock.advance(26 * HOUR_MS);
    const label = () => ownLabels(stand, arn);
    return { stand, keyId, label };
  };

  test("keeps its label until the revocation is confirmed", async () => {
    const { stand, keyId, label } = await retiring({ pictify: { revocationMs: 2 * MINUTE_MS } });
    await reconcile(stand);
    expect(isActive(stand, keyId)).toBe(false);
    expect(await label()).toContainEqual(expect.stringMatching(/^keyturn\/revoking\//));
    await stand.clock.advance(2 * MINUTE_MS);
    await reconcile(stand);
    expect(await label()).toHaveLength(0);
  });

  test("is paid again when a revocation was accepted and not done", async () => {
    const { stand, keyId, label } = await retiring();
    stand.pictify.hostile.next("revoke", "revoke-not-done");
    await reconcile(stand);
    expect(isActive(stand, keyId)).toBe(true);
    await reconcile(stand);
    await reconcile(stand);
    expect(isActive(stand, keyId)).toBe(false);
    expect(await label()).toHaveLength(0);
  });

  test("is a person's where the vendor cannot be asked, and is seen to be paid", async () => {
    const { stand, keyId, label } = await retiring({ pictify: { switches: { revoke: false, remove: false } } });
    await reconcile(stand);
    expect(log(stand)).toMatch(new RegExp(`key.revoke-by-hand.*${keyId}`));
    expect(log(stand)).toContain('"RevokeByHand":1');
    stand.pictify.revokeKey(keyId);
    await reconcile(stand);
    expect(await label()).toHaveLength(0);
  });

  test("is reported as blocked past its deadline, with the reason", async () => {
    const stand = await unlimited({ floor: { minimum: { deadline: "P2D" } } });
    const arn = await stand.deploy({ deadlineMs: 2 * DAY_MS });
    const { apiKey, keyId } = await stand.currentKey(arn);
    await stand.rotate(arn);
    for (let hour = 0; hour < 50; hour++) {
      await callWith(stand, apiKey);
      await stand.clock.advance(HOUR_MS);
    }
    await reconcile(stand);
    expect(isActive(stand, keyId)).toBe(true);
    expect(log(stand)).toMatch(/"state":"blocked".*last used at/);
    expect(log(stand)).toContain('"RetirementBlocked":1');
  });
});

describe("reconcile", () => {
  test("never retires the current version, whatever labels it has: a person may have moved AWSCURRENT back", async () => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    const before = await stand.facts(arn);
    const [first = ""] = Object.keys(before.stages);
    await stand.rotate(arn);
    await makeCurrent(stand, arn, first);
    const { keyId } = await stand.currentKey(arn);
    await stand.clock.advance(26 * HOUR_MS);
    await reconcile(stand);
    expect(isActive(stand, keyId)).toBe(true);
  });

  test("looks at the secret afresh before it revokes: ListSecrets may lag", async () => {
    const stand = await unlimited({ parameters: { listLagMs: 5 * MINUTE_MS } });
    const arn = await stand.deploy();
    const [first = ""] = Object.keys((await stand.facts(arn)).stages);
    await stand.rotate(arn);
    await stand.clock.advance(26 * HOUR_MS);
    await makeCurrent(stand, arn, first);
    const { keyId } = await stand.currentKey(arn);
    await reconcile(stand);
    expect(isActive(stand, keyId)).toBe(true);
    expect(log(stand)).toMatch(/key\.kept/);
  });

  test("makes a first generation that a deployment left missing", async () => {
    const stand = await unlimited();
    const arn = await stand.declare();
    await stand.clock.advance(9 * MINUTE_MS);
    await stand.invoke("reconcile", {});
    expect(mintedKeys(stand.pictify)).toHaveLength(0);
    await passes(stand, 2);
    await stand.clock.advance(MINUTE_MS);
    expect(mintedKeys(stand.pictify)).toHaveLength(1);
    expect((await stand.currentKey(arn)).keyId).toBe(mintedKeys(stand.pictify)[0]?.id);
  });

  test("starts a new rotation after one was given up, and revokes its key", async () => {
    const stand = await unlimited({ parameters: { retryDelaysMs: [10 * MINUTE_MS], reattemptEveryMs: null } });
    const arn = await stand.deploy(pictographKey);
    const { keyId } = await stand.currentKey(arn);
    stand.pictograph.hostile.next("create", { kind: "activate-late", delayMs: 30 * DAY_MS });
    await stand.rotate(arn);
    await stand.clock.advance(15 * MINUTE_MS);
    expect(log(stand)).toContain("generation.abandoned");
    await passes(stand, 3);
    const current = await stand.currentKey(arn);
    expect(current.keyId).not.toBe(keyId);
    expect(mintedKeys(stand.pictograph).map((key) => key.id)).toEqual([keyId, current.keyId]);
  });

  test("tries again when the new rotation after one that was given up could not be started", async () => {
    const stand = await unlimited({ parameters: { retryDelaysMs: [10 * MINUTE_MS], reattemptEveryMs: null } });
    const arn = await stand.deploy(pictographKey);
    const { keyId } = await stand.currentKey(arn);
    stand.pictograph.hostile.next("create", { kind: "activate-late", delayMs: 30 * DAY_MS });
    await stand.rotate(arn);
    await stand.clock.advance(15 * MINUTE_MS);
    const blocking = { SecretId: arn, SecretString: "x", VersionStages: ["AWSPENDING"] };
    const { VersionId } = await stand.aws<{ VersionId: string }>("PutSecretValue", blocking);
    await passes(stand, 3);
    expect((await stand.currentKey(arn)).keyId).toBe(keyId);
    await stand.aws("UpdateSecretVersionStage", {
      SecretId: arn,
      VersionStage: "AWSPENDING",
      RemoveFromVersionId: VersionId,
    });
    await passes(stand, 2);
    expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
  });

  test("never revokes a generation as given up that has been current since", async () => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    const [first = ""] = Object.keys((await stand.facts(arn)).stages);
    await putMark(stand, arn, first, "abandoned");
    await stand.rotate(arn);
    await stand.clock.advance(2 * HOUR_MS);
    await reconcile(stand);
    expect(isActive(stand, keyId)).toBe(true);
  });

  test("reports a request that is not granted, and mints nothing for it", async () => {
    const serves = [{ secret: "keyturn/prod/web", name: "web", type: "live" }];
    const stand = await unlimited({ connections: { pictify: { serves } } });
    await stand.declare({ name: "other" });
    await passes(stand, 5);
    expect(log(stand)).toMatch(/request\.refused.*NOT_GRANTED/);
    expect(log(stand)).toContain('"RequestsRefused":1');
    expect(mintedKeys(stand.pictify)).toEqual([]);
  });

  test("does the rest when one vendor is down, and says so", async () => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    await stand.rotate(arn);
    await stand.clock.advance(26 * HOUR_MS);
    stand.pictograph.hostile.next("list", "unavailable", 99);
    expect((await reconcile(stand)).error).toMatch(/^CONFLICT: 1 of this pass failed/);
    expect(mintedKeys(stand.pictify)).toHaveLength(1);
    expect(log(stand)).toContain('"ReconcileCompleted":1');
  });

  test("lists a vendor about once an hour when nothing is due, and its budget pays for no more", async () => {
    const stand = await unlimited({ connections: { pictify: { reconcileRequestsPerDay: 100 } } });
    await stand.deploy();
    const lists = () => stand.pictify.calls().find(({ operation }) => operation === "list")?.count ?? 0;
    const before = lists();
    await passes(stand, (24 * HOUR_MS) / (5 * MINUTE_MS));
    // Two requests each: only a second page that brings nothing new shows that the first was all.
    expect(lists() - before).toBeGreaterThanOrEqual(2 * 24);
    expect(lists() - before).toBeLessThanOrEqual(2 * 48);
  });

  test("finishes the revocations of a destroyed key", async () => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    await stand.clock.advance(2 * HOUR_MS);
    stand.pictify.hostile.next("revoke", "unavailable", 99);
    expect((await stand.invoke("manage", { action: "delete", secretId: arn })).error).toMatch(/^VENDOR_UNAVAILABLE/);
    stand.pictify.hostile.clear();
    await reconcile(stand);
    expect(mintedKeys(stand.pictify)).toEqual([]);
  });

  test.each([
    [{ mode: "fast" }, 'Unrecognized key: "mode"'],
    [{ only: ["keyturn/prod/web"] }, "only.0"],
    ["everything", "expected object"],
  ])("refuses the request %j", async (event, reason) => {
    const stand = await unlimited();
    const { error } = await stand.invoke("reconcile", event);
    expect(error).toMatch(/^BAD_INPUT/);
    expect(error).toContain(reason);
  });
});
