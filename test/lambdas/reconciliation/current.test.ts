import { describe, expect, test } from "vitest";
import type { ModelParameters } from "../../../sandbox/secrets-manager/index.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, mintedKeys, pictographKey, type Stand, stagesOf } from "../stand.ts";
import { currentOf, isActive, log, look, lookAndSettle, passes, records, retag, unlimited, written } from "./passes.ts";

const lists = (stand: Stand) => stand.pictify.calls().find(({ operation }) => operation === "list")?.count ?? 0;
const creates = (stand: Stand) => stand.pictify.calls().find(({ operation }) => operation === "create")?.count ?? 0;

/** A deployed key that is old enough to be judged, and its current key. */
const deployed = async (declaration: Parameters<Stand["deploy"]>[0] = {}, options = {}) => {
  const stand = await unlimited(options);
  const arn = await stand.deploy(declaration);
  const { keyId } = await stand.currentKey(arn);
  await stand.clock.advance(HOUR_MS);
  return { stand, arn, keyId };
};

describe("a current key that was revoked behind our back", () => {
  test("is replaced at once, and somebody is called", async () => {
    const { stand, arn, keyId } = await deployed();
    stand.pictify.revokeKey(keyId);
    await lookAndSettle(stand);

    expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
    expect(written(stand, "CurrentKeyDead")).toEqual([1]);
    expect(records(stand, "key.dead")).toMatchObject([{ keyId, secretId: arn }]);
  });

  test("is replaced although its rotation is turned off", async () => {
    const { stand, arn, keyId } = await deployed();
    await stand.aws("CancelRotateSecret", { SecretId: arn });
    stand.pictify.revokeKey(keyId);
    await lookAndSettle(stand);

    expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
  });

  test("is replaced once, however often it is seen while that goes on", async () => {
    const { stand, arn, keyId } = await deployed({}, { parameters: { retryDelaysMs: [], reattemptEveryMs: null } });
    stand.pictify.revokeKey(keyId);
    stand.pictify.hostile.next("create", "server-error", 99);
    for (let n = 0; n < 3; n++) await lookAndSettle(stand);

    expect(records(stand, "rotation.started")).toHaveLength(1);
    expect(written(stand, "CurrentKeyDead")).toEqual([1, 1, 1]);
    expect((await stand.currentKey(arn)).keyId).toBe(keyId);
  });

  test("is noticed within the hour that passes list its vendor in any case", async () => {
    const { stand, arn, keyId } = await deployed();
    stand.pictify.revokeKey(keyId);
    await passes(stand, 14);
    await stand.clock.advance(2 * MINUTE_MS);

    expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
  });
});

describe("a current key that its vendor does not list", () => {
  test("is asked itself, and stays when it works: the list was stale", async () => {
    const { stand, arn, keyId } = await deployed();
    stand.pictify.hostile.next("list", { kind: "stale-list", ageMs: 2 * HOUR_MS }, 2);
    await lookAndSettle(stand);

    expect((await stand.currentKey(arn)).keyId).toBe(keyId);
    expect(records(stand, "key.not-listed")).toHaveLength(1);
    expect(written(stand, "CurrentKeyDead")).toEqual([]);
  });

  test("is not even asked while it is young: a vendor may list late", async () => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    const before = lists(stand);
    stand.pictify.hostile.next("list", { kind: "stale-list", ageMs: HOUR_MS }, 2);
    await look(stand);

    expect(lists(stand) - before).toBe(2);
    expect(records(stand, "key.not-listed")).toEqual([]);
    expect(await currentOf(stand, arn)).not.toBe("");
  });

  test("stays when its vendor does not answer whether it works", async () => {
    const { stand, arn, keyId } = await deployed(pictographKey);
    stand.pictograph.hostile.next("list", { kind: "stale-list", ageMs: 2 * HOUR_MS }, 2);
    stand.pictograph.hostile.next("datasets", "unavailable", 99);
    expect((await look(stand)).error).toBeUndefined();

    expect(records(stand, "key.not-listed")).toMatchObject([
      { keyId, reason: expect.stringMatching(/could not be told/) },
    ]);
    expect((await stand.currentKey(arn)).keyId).toBe(keyId);
  });
});

describe("a changed declaration that no deployment has seen to", () => {
  test("of a role is followed in place, without another key, where the vendor can", async () => {
    const { stand, arn, keyId } = await deployed(pictographKey);
    await retag(stand, arn, { "keyturn:role": "viewer" });
    await stand.clock.advance(10 * MINUTE_MS);
    await lookAndSettle(stand);

    expect(stand.pictograph.keys().find(({ id }) => id === keyId)).toMatchObject({ access: "viewer", active: true });
    expect(mintedKeys(stand.pictograph)).toHaveLength(1);
    await look(stand);
    expect(records(stand, "generation.differs")).toHaveLength(1);
  });

  test("of a type is followed by one rotation, where the vendor cannot", async () => {
    const { stand, arn, keyId } = await deployed();
    await retag(stand, arn, { "keyturn:type": "test" });
    await stand.clock.advance(10 * MINUTE_MS);
    for (let n = 0; n < 3; n++) await lookAndSettle(stand);

    const current = await stand.currentKey(arn);
    expect(stand.pictify.keys().find(({ id }) => id === current.keyId)?.access).toBe("test");
    expect(creates(stand)).toBe(2);
    expect(isActive(stand.pictify, keyId)).toBe(true);
  });

  test("is the deployment's own for as long as it may take", async () => {
    const { stand, arn } = await deployed();
    await retag(stand, arn, { "keyturn:type": "test" });
    await stand.clock.advance(9 * MINUTE_MS);
    await lookAndSettle(stand);

    expect(records(stand, "drift.found")).toMatchObject([{ what: "access" }]);
    expect(creates(stand)).toBe(1);
  });

  test("of a role that was changed in place is none: what the vendor lists wins over the stored value", async () => {
    const { stand, arn } = await deployed(pictographKey);
    await retag(stand, arn, { "keyturn:role": "viewer" });
    await stand.invoke("manage", { action: "update", secretId: arn });
    await stand.clock.advance(HOUR_MS);
    await look(stand);

    expect(records(stand, "drift.found")).toEqual([]);
  });
});

describe("a key whose declared vendor was changed", () => {
  const moved = async () => {
    const { stand, arn, keyId } = await deployed();
    await stand.rotate(arn);
    const second = await stand.currentKey(arn);
    await retag(stand, arn, { "keyturn:vendor": "pictograph", "keyturn:role": "member" });
    await stand.aws("UntagResource", { SecretId: arn, TagKeys: ["keyturn:type"] });
    await stand.clock.advance(10 * MINUTE_MS);
    await lookAndSettle(stand);
    return { stand, arn, old: [keyId, second.keyId] };
  };

  test("gets a generation there, and the old ones retire where they are", async () => {
    const { stand, arn, old } = await moved();
    const { keyId } = await stand.currentKey(arn);
    expect(mintedKeys(stand.pictograph).map(({ id }) => id)).toEqual([keyId]);
    expect(old.every((id) => isActive(stand.pictify, id))).toBe(true);
    await passes(stand, 27, HOUR_MS);

    expect(old.map((id) => isActive(stand.pictify, id))).toEqual([false, false]);
    expect((await stand.currentKey(arn)).keyId).toBe(keyId);
    expect(written(stand, "StraysHeld")).toEqual([]);
    expect(log(stand)).not.toMatch(/key\.revoked.*"stray"/);
  });

  test("has its old ones neither unlabelled nor called strays while the old vendor does not answer", async () => {
    const { stand, arn, old } = await moved();
    stand.pictify.hostile.next("list", "unavailable", 9_999);
    await passes(stand, 27, HOUR_MS);
    const labels = Object.values((await stand.facts(arn)).stages).flat();
    expect(labels.filter((label) => label.startsWith("keyturn/retiring/"))).toHaveLength(2);

    stand.pictify.hostile.clear();
    for (let n = 0; n < 2; n++) await look(stand);
    expect(old.map((id) => isActive(stand.pictify, id))).toEqual([false, false]);
  });
});

describe("what cannot be repaired is told:", () => {
  test("a value that somebody put", async () => {
    const { stand, arn, keyId } = await deployed();
    await stand.aws("PutSecretValue", { SecretId: arn, SecretString: '{"apiKey": "by hand"}' });
    await look(stand);
    await stand.clock.advance(3 * DAY_MS);
    await look(stand);

    expect(records(stand, "drift.found")).toMatchObject([{ what: "value" }, { what: "value" }]);
    expect(written(stand, "DriftFound")).toEqual([1, 1]);
    // It is the last key that is known to work.
    expect(isActive(stand.pictify, keyId)).toBe(true);
  });

  test("a rotation that was turned off", async () => {
    const { stand, arn } = await deployed();
    await stand.aws("CancelRotateSecret", { SecretId: arn });
    await look(stand);
    expect(written(stand, "DriftFound")).toEqual([]);
    await stand.clock.advance(25 * HOUR_MS);
    await look(stand);

    expect(written(stand, "DriftFound")).toEqual([1]);
    expect(records(stand, "rotation.overdue")).toMatchObject([{ reason: expect.stringContaining("turned off") }]);
  });

  test.each([
    ["another name", () => "the web shop"],
    ["a longer one", (name: string) => `${name} (2)`],
  ])("a key that somebody gave %s", async (_, otherName) => {
    const { stand, keyId } = await deployed();
    const [{ name = "" } = {}] = mintedKeys(stand.pictify);
    const headers = { Authorization: `Bearer ${stand.pictify.adminKey}`, "Content-Type": "application/json" };
    const request = { method: "PATCH", headers, body: JSON.stringify({ name: otherName(name) }) };
    await stand.pictify.fetch(new Request(`https://pictify.test/api-keys/${keyId}`, request));
    await look(stand);

    expect(records(stand, "drift.found")).toMatchObject([
      { what: "renamed", keyId, reason: expect.stringContaining(name) },
    ]);
    expect(isActive(stand.pictify, keyId)).toBe(true);
  });
});

describe("a rotation that is overdue", () => {
  /** The schedule's own start is missed, as when AWS never comes to it. */
  const missed = async (parameters: Partial<ModelParameters> = {}) => {
    const quiet = { retryDelaysMs: [], reattemptEveryMs: null };
    const { stand, arn, keyId } = await deployed({}, { parameters: { ...quiet, ...parameters } });
    const { functions } = stand.account;
    const handler = () => Promise.reject(new Error("throttled"));
    functions.create({ name: stand.functions.rotate, timeoutMs: 1, secretsManagerMayInvoke: true, handler });
    await stand.clock.advance(90 * DAY_MS);
    const { pending, current } = stagesOf(await stand.facts(arn));
    const isLeft = pending !== undefined && pending !== current;
    const label = { SecretId: arn, VersionStage: "AWSPENDING", RemoveFromVersionId: pending };
    if (isLeft) await stand.aws("UpdateSecretVersionStage", label);
    stand.anotherService("prod");
    return { stand, arn, keyId };
  };

  test("is started, with an alarm, when it is later than the stuck age", async () => {
    const { stand, arn, keyId } = await missed();
    await stand.clock.advance(DAY_MS);
    await stand.invoke("reconcile", {});
    await stand.clock.advance(2 * MINUTE_MS);

    expect(written(stand, "RotationOverdue")).toEqual([1]);
    expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
  });

  test("is not started anew at every pass while it fails, also where AWS takes AWSPENDING off", async () => {
    const { stand } = await missed({ pendingAfterLastFailure: "removed" });
    await stand.clock.advance(DAY_MS);
    stand.pictify.hostile.next("list", "server-error", 9_999);
    await passes(stand, 5);

    expect(records(stand, "rotation.started")).toHaveLength(1);
  });
});

test("a version that became current while a pass decided on another one starts no second rotation", async () => {
  const { stand, arn, keyId } = await deployed({}, { parameters: { listLagMs: 5 * MINUTE_MS } });
  stand.pictify.revokeKey(keyId);
  await stand.rotate(arn);
  const second = await currentOf(stand, arn);
  await look(stand);

  expect(records(stand, "rotation.started")).toEqual([]);
  expect(await currentOf(stand, arn)).toBe(second);
});
