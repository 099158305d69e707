import { describe, expect, test } from "vitest";
import { keysAnswer, vendorKeysAnswer } from "../../../lambdas/contracts/inspect.ts";
import { keyName, serviceId } from "../../../lambdas/contracts/key-name.ts";
import { inspectHandler } from "../../../lambdas/inspection/inspect.ts";
import { createStand, HOUR_MS, MINUTE_MS, pictographKey, type Stand, type StandOptions } from "../stand.ts";

const standWith = async (options: StandOptions = {}) => {
  const stand = await createStand({ ...options, pictify: { plan: "enterprise", ...options.pictify } });
  const handler = inspectHandler(stand.worldOf("prod"));
  stand.account.functions.create({ name: "inspect", timeoutMs: 60_000, secretsManagerMayInvoke: false, handler });
  const inspect = (event: object) =>
    stand.clock.run(stand.account.functions.invoke("inspect", { protocol: 1, ...event }));
  const keys = async (event: object = { action: "list" }) => keysAnswer.parse((await inspect(event)).answer).keys;
  return { stand, inspect, keys };
};

const lists = (stand: Stand) => stand.pictify.calls().find(({ operation }) => operation === "list")?.count ?? 0;

describe("inspect tells of a managed key", () => {
  test("what is known of it, and never its value", async () => {
    const { stand, inspect, keys } = await standWith();
    const arn = await stand.deploy(pictographKey);
    const { apiKey, keyId } = await stand.currentKey(arn);
    expect(await keys()).toMatchObject([
      {
        secretArn: arn,
        name: "training",
        connection: "pictograph",
        role: "member",
        status: "current",
        keyId,
        keyPrefix: apiKey.slice(0, 12),
        liveGenerations: 1,
        debt: [],
        nextRotationAt: expect.stringMatching(/^2027-/),
      },
    ]);
    expect(JSON.stringify(await inspect({ action: "list" }))).not.toContain(apiKey);
  });

  test("both generations in the overlap of a rotation, and a debt when the old one may go", async () => {
    const { stand, keys } = await standWith();
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    await stand.rotate(arn);
    expect(await keys()).toMatchObject([{ status: "current", liveGenerations: 2, debt: [] }]);
    await stand.clock.advance(26 * HOUR_MS);
    expect(await keys()).toMatchObject([{ liveGenerations: 2, debt: [keyId] }]);
  });

  test.each<[string, (stand: Stand, arn: string) => Promise<unknown>, object]>([
    ["missing before its first generation", async () => {}, { status: "missing", liveGenerations: 0 }],
    [
      "revoked when a person revoked its key",
      async (stand, arn) => {
        await stand.invoke("manage", { action: "ensure", secretId: arn });
        stand.pictify.revokeKey((await stand.currentKey(arn)).keyId);
      },
      { status: "revoked", liveGenerations: 0 },
    ],
    [
      "destroyed when it was destroyed",
      async (stand, arn) => {
        await stand.invoke("manage", { action: "ensure", secretId: arn });
        await stand.clock.advance(2 * HOUR_MS);
        await stand.invoke("manage", { action: "delete", secretId: arn });
      },
      { status: "destroyed", liveGenerations: 0, debt: [] },
    ],
  ])("that it is %s", async (_, happen, facts) => {
    const { stand, keys } = await standWith();
    const arn = await stand.declare();
    await happen(stand, arn);
    expect(await keys()).toMatchObject([facts]);
  });

  test("that it is rotating while a new generation is on its way", async () => {
    const { stand, keys } = await standWith({ parameters: { retryDelaysMs: [], reattemptEveryMs: null } });
    const arn = await stand.deploy();
    stand.pictify.hostile.next("create", "unavailable", 9);
    await stand.rotate(arn);
    expect(await keys()).toMatchObject([{ status: "rotating" }]);
  });

  test("when it was last used", async () => {
    const { stand, keys } = await standWith();
    const arn = await stand.deploy();
    await stand.clock.advance(2 * HOUR_MS);
    const usedAt = new Date(stand.clock.now()).toISOString();
    const headers = { Authorization: `Bearer ${(await stand.currentKey(arn)).apiKey}` };
    await stand.pictify.fetch(new Request("https://pictify.test/api-keys", { headers }));
    await stand.clock.advance(10 * MINUTE_MS);
    expect(await keys()).toMatchObject([{ lastUsedAt: usedAt }]);
  });

  test.each(["name", "ARN"])("by its secret's %s alone", async (by) => {
    const { stand, keys } = await standWith();
    const arn = await stand.deploy();
    await stand.deploy({ name: "other" });
    const secretId = by === "ARN" ? arn : "keyturn/prod/web";
    expect((await keys({ action: "describe", secretId })).map((key) => key.secretArn)).toEqual([arn]);
  });

  test("nothing of a secret that is not there", async () => {
    const { keys } = await standWith();
    expect(await keys({ action: "describe", secretId: "keyturn/prod/none" })).toEqual([]);
  });
});

describe("inspect describes one key", () => {
  test("as it is now, although a list of secrets lags behind", async () => {
    const { stand, keys } = await standWith({ parameters: { listLagMs: 5 * MINUTE_MS } });
    const arn = await stand.deploy();
    await stand.clock.advance(10 * MINUTE_MS);
    await stand.rotate(arn);
    const { keyId } = await stand.currentKey(arn);
    expect(await keys({ action: "describe", secretId: arn })).toMatchObject([{ keyId }]);
  });

  test("also when it is not granted any more: it is still there to be destroyed", async () => {
    const serves = [{ secret: "keyturn/prod/web", name: "web", type: "live" }];
    const { stand, keys } = await standWith({ connections: { pictify: { serves } } });
    const arn = await stand.deploy();
    await stand.aws("TagResource", { SecretId: arn, Tags: [{ Key: "keyturn:type", Value: "test" }] });
    expect(await keys({ action: "describe", secretId: arn })).toMatchObject([{ status: "current", type: "live" }]);
    expect(await keys()).toHaveLength(1);
  });

  test("by the name that it has at the vendor, until it is renamed there", async () => {
    const { stand, keys } = await standWith();
    const arn = await stand.deploy();
    await stand.aws("TagResource", { SecretId: arn, Tags: [{ Key: "keyturn:name", Value: "renamed" }] });
    expect(await keys({ action: "describe", secretId: arn })).toMatchObject([{ name: "web", status: "current" }]);
    await stand.invoke("manage", { action: "update", secretId: arn });
    expect(await keys({ action: "describe", secretId: arn })).toMatchObject([{ name: "renamed", status: "current" }]);
  });

  test("by the access in its value where the vendor's list does not tell it", async () => {
    const { stand, keys } = await standWith();
    const arn = await stand.deploy();
    await stand.aws("TagResource", { SecretId: arn, Tags: [{ Key: "keyturn:type", Value: "test" }] });
    stand.pictify.hostile.next("list", { kind: "missing-fields", fields: ["type"] });
    expect(await keys({ action: "describe", secretId: arn })).toMatchObject([{ type: "live" }]);
  });

  test("that is adopted, with both its generations after a rotation", async () => {
    const { stand, keys } = await standWith();
    const arn = await stand.declare();
    const { id, value } = stand.pictify.issueKey({ name: "by hand", access: "live", propagationMs: 0 });
    await stand.aws("PutSecretValue", { SecretId: arn, SecretString: JSON.stringify({ apiKey: value }) });
    await stand.invoke("manage", { action: "adopt", secretId: arn, keyId: id });
    expect(await keys()).toMatchObject([{ keyId: id, name: "web", liveGenerations: 1 }]);
    await stand.invoke("manage", { action: "compromised", secretId: arn });
    expect(await keys()).toMatchObject([{ liveGenerations: 2, debt: [id] }]);
  });
});

test("inspect knows a generation as managed that stayed at the connection it was minted at", async () => {
  const { stand, inspect } = await standWith();
  const arn = await stand.deploy();
  const { keyId } = await stand.currentKey(arn);
  await stand.aws("UntagResource", { SecretId: arn, TagKeys: ["keyturn:type"] });
  const tags = { "keyturn:vendor": "pictograph", "keyturn:role": "member" };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await stand.aws("TagResource", { SecretId: arn, Tags });
  await stand.invoke("manage", { action: "ensure", secretId: arn });
  const answer = vendorKeysAnswer.parse((await inspect({ action: "vendorKeys", connection: "pictify" })).answer);
  expect(answer.keys.find((key) => key.keyId === keyId)).toMatchObject({ owner: "managed" });
});

test("inspect lists a vendor organization once, however many keys there are", async () => {
  const { stand, keys } = await standWith();
  for (let n = 0; n < 7; n++) await stand.deploy({ name: `web-${n}` });
  const before = { lists: lists(stand), values: stand.account.secretsManager.calls() };
  expect(await keys()).toHaveLength(7);
  // A page, and one that brings nothing new.
  expect(lists(stand) - before.lists).toBe(2);
  const reads = (calls: typeof before.values) => calls.find(({ operation }) => operation === "GetSecretValue")?.count;
  expect((reads(stand.account.secretsManager.calls()) ?? 0) - (reads(before.values) ?? 0)).toBeLessThanOrEqual(1);
});

test("inspect tells whose every key of a vendor organization is, and how many slots are left", async () => {
  const { stand, inspect } = await standWith({ pictify: { plan: "pro" } });
  const arn = await stand.deploy();
  const { keyId } = await stand.currentKey(arn);
  const stray = stand.pictify.issueKey({ name: keyName("web", serviceId("prod", arn), "0123456789"), access: "live" });
  const byHand = stand.pictify.issueKey({ name: "Production API Server", access: "live" });
  const answer = vendorKeysAnswer.parse((await inspect({ action: "vendorKeys", connection: "pictify" })).answer);
  const owners = Object.fromEntries(answer.keys.map((key) => [key.keyId, key.owner]));
  expect(owners).toMatchObject({ [keyId]: "managed", [stray.id]: "stray", [byHand.id]: "unmanaged" });
  expect(answer.slotsLeft).toBe(6);
});

describe("inspect refuses", () => {
  test("a caller whose protocol is too old", async () => {
    const { inspect } = await standWith();
    expect((await inspect({ protocol: 0, action: "list" })).error).toMatch(/^UNSUPPORTED_PROTOCOL.*upgrade the caller/);
  });

  test("a connection that it does not have", async () => {
    const { inspect } = await standWith();
    expect((await inspect({ action: "vendorKeys", connection: "acme" })).error).toMatch(
      /^BAD_INPUT.*it has pictograph, pictify/,
    );
  });

  test("to say that a key is gone when the vendor cannot be asked", async () => {
    const { stand, inspect } = await standWith();
    await stand.deploy();
    stand.pictify.hostile.next("list", "unavailable", 9);
    expect((await inspect({ action: "list" })).answer).toMatchObject({
      keys: [{ status: "current", notTold: expect.stringMatching(/could not be listed.*503/) }],
    });
  });
});
