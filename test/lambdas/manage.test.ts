import { describe, expect, test } from "vitest";
import { createStand, HOUR_MS, MINUTE_MS, mintedKeys, pictographKey, type Stand, stagesOf } from "./stand.ts";

const ensure = (stand: Stand, secretId: string) => stand.invoke("manage", { action: "ensure", secretId });
const remove = (stand: Stand, secretId: string, force = false) =>
  stand.invoke("manage", { action: "delete", secretId, force });

/** A call that counts as use. */
const use = async (stand: Stand, secretId: string) => {
  const { apiKey } = await stand.currentKey(secretId);
  const request = new Request("https://pictify.test/api-keys", { headers: { Authorization: `Bearer ${apiKey}` } });
  await stand.pictify.fetch(request);
};

describe("ensure", () => {
  test("answers with facts and no value", async () => {
    const stand = await createStand();
    const arn = await stand.declare();
    const { answer } = await ensure(stand, arn);
    const { apiKey, keyId } = await stand.currentKey(arn);
    expect(answer).toMatchObject({ protocol: 1, secretArn: arn, name: "web", status: "current", keyId });
    expect(JSON.stringify(answer)).not.toContain(apiKey);
  });

  test.each(["as asked", "with AWSCURRENT", "with AWSCURRENT unless rotating"] as const)(
    "makes one verified first generation where AWS labels a first value %s",
    async (firstValueStages) => {
      const stand = await createStand({ parameters: { firstValueStages } });
      const arn = await stand.deploy();
      expect(stagesOf(await stand.facts(arn)).current).toBeDefined();
      expect(mintedKeys(stand.pictify)).toHaveLength(1);
      await stand.rotate(arn);
      expect(mintedKeys(stand.pictify)).toHaveLength(2);
    },
  );

  test("changes nothing when it is repeated", async () => {
    const stand = await createStand();
    const arn = await stand.declare();
    const first = await ensure(stand, arn);
    expect(await ensure(stand, arn)).toEqual(first);
    expect(mintedKeys(stand.pictify)).toHaveLength(1);
  });

  test.each([
    ["Pictify", {}, "pictify"],
    ["Pictograph", pictographKey, "pictograph"],
  ] as const)("makes one key when two run at once at %s", async (_, declaration, vendor) => {
    const stand = await createStand();
    const arn = await stand.declare(declaration);
    await Promise.all([ensure(stand, arn), ensure(stand, arn)]);
    const { keyId } = await stand.currentKey(arn);
    expect(mintedKeys(stand[vendor]).map((key) => key.id)).toEqual([keyId]);
  });

  test.each([
    ["Pictify", {}, "pictify"],
    ["Pictograph", pictographKey, "pictograph"],
  ] as const)(
    "makes one key when a second starts while %s still spreads the first one's",
    async (_, declaration, vendor) => {
      const stand = await createStand();
      const arn = await stand.declare(declaration);
      const first = stand.account.functions.invoke(stand.functions.manage, { action: "ensure", secretId: arn });
      await stand.clock.advance(3_000);
      const second = stand.account.functions.invoke(stand.functions.manage, { action: "ensure", secretId: arn });
      const outcomes = await stand.clock.run(Promise.all([first, second]));
      expect(outcomes).toMatchObject([{ answer: { status: "current" } }, { answer: { status: "current" } }]);
      expect(mintedKeys(stand[vendor])).toHaveLength(1);
    },
  );

  test("finds what a try left that died after its mint, and ends with one key", async () => {
    const stand = await createStand();
    const arn = await stand.declare(pictographKey);
    stand.pictograph.hostile.next("create", "commit-then-silence");
    expect((await ensure(stand, arn)).error).toMatch(/^MINT_UNKNOWN/);
    expect((await ensure(stand, arn)).error).toMatch(/^VALUE_MAYBE_COMING/);
    await stand.clock.advance(11 * MINUTE_MS);
    const { keyId } = (await ensure(stand, arn)).answer as { keyId: string };
    expect(mintedKeys(stand.pictograph).map((key) => key.id)).toEqual([keyId]);
  });

  test("replaces a current key that was revoked behind our back", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    stand.pictify.revokeKey(keyId);
    await stand.clock.advance(10 * MINUTE_MS);
    expect((await ensure(stand, arn)).answer).toMatchObject({ status: "current" });
    expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
  });

  test("gives a first generation up that never works, and makes another at the next try", async () => {
    const stand = await createStand();
    const arn = await stand.declare(pictographKey);
    stand.pictograph.hostile.next("create", { kind: "activate-late", delayMs: 30 * 24 * HOUR_MS });
    await ensure(stand, arn);
    await stand.clock.advance(10 * MINUTE_MS);
    expect((await ensure(stand, arn)).error ?? "").toMatch(/^(GENERATION_DEAD.*)?$/);
    expect((await ensure(stand, arn)).answer).toMatchObject({ status: "current" });
  });

  test("refuses a current value that is not one of ours, and mints nothing", async () => {
    const stand = await createStand();
    const arn = await stand.declare();
    await stand.aws("PutSecretValue", { SecretId: arn, SecretString: "made by hand" });
    expect((await ensure(stand, arn)).error).toMatch(/^BAD_INPUT.*is not JSON \(12 characters\)/);
    expect(mintedKeys(stand.pictify)).toEqual([]);
  });

  test("refuses a request of another form", async () => {
    const stand = await createStand();
    expect((await stand.invoke("manage", { action: "mint", secretId: "x" })).error).toMatch(
      /^BAD_INPUT.*'ensure' \| 'update' \| 'adopt' \| 'compromised' \| 'delete'/,
    );
  });
});

describe("delete", () => {
  test("refuses while the vendor saw recent use, says until when, and revokes nothing", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    await stand.clock.advance(2 * HOUR_MS);
    await use(stand, arn);
    await stand.clock.advance(10 * MINUTE_MS);
    expect((await remove(stand, arn)).error).toMatch(/^IN_USE.*try again after 2026-/);
    expect(mintedKeys(stand.pictify)).toHaveLength(1);
    expect((await stand.facts(arn)).rotationEnabled).toBe(true);
  });

  test("revokes what is in use when it is told to", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    await use(stand, arn);
    await stand.clock.advance(10 * MINUTE_MS);
    expect((await remove(stand, arn, true)).answer).toMatchObject({ status: "destroyed" });
    expect(mintedKeys(stand.pictify)).toEqual([]);
  });

  test("keeps anything from being minted for the secret again", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    await stand.clock.advance(2 * HOUR_MS);
    await remove(stand, arn);
    expect((await ensure(stand, arn)).error).toMatch(/^DESTROYED/);
    await stand.clock.advance(100 * 24 * HOUR_MS);
    expect(mintedKeys(stand.pictify)).toEqual([]);
  });

  test("may be repeated, also when the secret is gone", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    await stand.clock.advance(2 * HOUR_MS);
    for (let n = 0; n < 2; n++) expect((await remove(stand, arn)).answer).toMatchObject({ status: "destroyed" });
    await stand.aws("DeleteSecret", { SecretId: arn, ForceDeleteWithoutRecovery: true });
    expect((await remove(stand, arn)).answer).toMatchObject({ status: "destroyed" });
  });

  test("says so when the vendor accepted a revocation and did not do it", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    await stand.clock.advance(2 * HOUR_MS);
    stand.pictify.hostile.next("revoke", "revoke-not-done");
    expect((await remove(stand, arn)).error).toMatch(/^UNCONFIRMED.*still takes it/);
    expect((await remove(stand, arn)).answer).toMatchObject({ status: "destroyed" });
  });

  test("leaves every key alone that is not this one's", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    const others = [await stand.deploy({ name: "web-two" }), await stand.deploy({ name: "we" })];
    const byHand = stand.pictify.issueKey({ name: "Production API Server", access: "live" });
    await stand.clock.advance(2 * HOUR_MS);
    await remove(stand, arn);
    const kept = await Promise.all(others.map(async (other) => (await stand.currentKey(other)).keyId));
    const active = stand.pictify
      .keys()
      .filter((key) => key.active)
      .map((key) => key.id);
    expect(active).toEqual([stand.pictify.adminKeyId, ...kept, byHand.id]);
  });

  test("does not need the grant of a key that was taken out of the app", async () => {
    const stand = await createStand({
      connections: { pictify: { serves: [{ secret: "keyturn/prod/web", name: "web", type: "live" }] } },
    });
    const arn = await stand.deploy();
    await stand.clock.advance(2 * HOUR_MS);
    await stand.aws("TagResource", { SecretId: arn, Tags: [{ Key: "keyturn:type", Value: "test" }] });
    expect((await remove(stand, arn)).answer).toMatchObject({ status: "destroyed" });
  });

  test("names the key that a person has to revoke where the vendor cannot be asked to", async () => {
    const stand = await createStand({ pictify: { switches: { revoke: false, remove: false } } });
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    await stand.clock.advance(2 * HOUR_MS);
    expect((await remove(stand, arn)).error).toMatch(new RegExp(`^VENDOR_UNSUPPORTED: .*${keyId}`));
    expect(stand.lines.join("\n")).toMatch(/"RevokeByHand":1/);
    stand.pictify.revokeKey(keyId);
    expect((await remove(stand, arn)).answer).toMatchObject({ status: "destroyed" });
  });

  test("takes such a key for gone when it is told to, and says so", async () => {
    const stand = await createStand({ pictify: { switches: { revoke: false, remove: false } } });
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    expect((await remove(stand, arn, true)).answer).toMatchObject({ status: "destroyed" });
    expect(stand.lines.join("\n")).toMatch(new RegExp(`key.revoke-by-hand.*${keyId}`));
  });
});
