import { describe, expect, test } from "vitest";
import { retag } from "../reconciliation/passes.ts";
import { begun } from "../rotation/begun.ts";
import { addSecondConnection, secondConnectionOf } from "../second-connection.ts";
import { createStand, mintedKeys, type Stand, stagesOf } from "../stand.ts";
import { ask, expecting, keyNow, operations, rotationsEnd } from "./asking.ts";

const marked = async (stand: Stand, arn: string): Promise<Readonly<Record<string, readonly string[]>>> => {
  const { stages } = await stand.facts(arn);
  return Object.fromEntries(
    Object.entries(stages).flatMap(([versionId, labels]) => {
      const own = labels.filter((label) => label.startsWith("keyturn/compromised"));
      return own.length > 0 ? [[versionId, own]] : [];
    }),
  );
};

const deployed = async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  const { current = "" } = stagesOf(await stand.facts(arn));
  return { stand, arn, current, ...(await stand.currentKey(arn)) };
};

describe("a compromised generation", () => {
  test("is marked, and its replacement started at once", async () => {
    const { stand, arn, current, keyId } = await deployed();
    const { answer } = await ask(stand, "compromised", arn);
    expect(answer).toMatchObject({ status: "rotating", keyId, versionId: current });
    expect(await marked(stand, arn)).toEqual({ [current]: [expect.stringMatching(/^keyturn\/compromised\/2026-/)] });
    await rotationsEnd(stand);
    expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
  });

  test("keeps its mark through the rotation, beside that of its retirement", async () => {
    const { stand, arn, current } = await deployed();
    await ask(stand, "compromised", arn);
    await rotationsEnd(stand);
    expect((await stand.facts(arn)).stages[current]).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^keyturn\/compromised\//),
        expect.stringMatching(/^keyturn\/retiring\//),
      ]),
    );
  });

  test("works until its replacement does, where nobody asked otherwise", async () => {
    const { stand, arn, keyId } = await deployed();
    await ask(stand, "compromised", arn);
    expect(keyNow(stand.pictify, keyId)?.active).toBe(true);
  });

  test("is revoked before its replacement works where that was asked", async () => {
    const { stand, arn, current, keyId } = await deployed();
    expect((await ask(stand, "compromised", arn, { first: true })).answer).toMatchObject({ status: "revoked" });
    expect(keyNow(stand.pictify, keyId)?.active).toBe(false);
    expect(await marked(stand, arn)).toEqual({
      [current]: [expect.stringMatching(/^keyturn\/compromised-first\/2026-/)],
    });
    await rotationsEnd(stand);
    expect((await ask(stand, "ensure", arn)).answer).toMatchObject({ status: "current", liveGenerations: 1 });
  });

  test.each([
    ["another connection of its vendor", { "keyturn:vendor": secondConnectionOf("pictify") }],
    ["another vendor", { "keyturn:vendor": "pictograph", "keyturn:role": "member" }],
  ])("is revoked at the connection that minted it, where by now %s is declared", async (_, tags) => {
    const stand = await createStand();
    await addSecondConnection(stand, "pictify");
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    if ("keyturn:role" in tags) await stand.aws("UntagResource", { SecretId: arn, TagKeys: ["keyturn:type"] });
    await retag(stand, arn, tags);

    await ask(stand, "compromised", arn, { first: true });

    expect(keyNow(stand.pictify, keyId)?.active).toBe(false);
  });

  test("is left to a person where its id is known by a hand-put value alone, which may be another key's", async () => {
    const { stand, arn } = await deployed();
    const leaked = stand.pictify.issueKey({ name: "leaked", access: "live" });
    const innocent = stand.pictify.issueKey({ name: "made by hand", access: "live" });
    const { SecretString } = await stand.aws<{ SecretString: string }>("GetSecretValue", { SecretId: arn });
    const value = { ...JSON.parse(SecretString), apiKey: leaked.value, keyId: innocent.id, name: "leaked" };
    await stand.aws("PutSecretValue", { SecretId: arn, SecretString: JSON.stringify(value) });

    await ask(stand, "compromised", arn, { first: true });

    expect(keyNow(stand.pictify, innocent.id)?.active).toBe(true);
    expect(stand.lines.join("\n")).toMatch(new RegExp(`key.revoke-by-hand.*${innocent.id}`));
  });

  test("is replaced also when its revocation fails, and the failure is told", async () => {
    const { stand, arn, keyId } = await deployed();
    stand.pictify.hostile.next("revoke", "server-error", 9);
    expect((await ask(stand, "compromised", arn, { first: true })).error).toMatch(/^VENDOR_UNAVAILABLE/);
    await rotationsEnd(stand);
    expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
  });

  test("is marked once and rotated once, however often and simultaneously it is said by its key id", async () => {
    const { stand, arn, keyId, current } = await deployed();
    const told = await Promise.all([1, 2, 3].map(() => ask(stand, "compromised", arn, { keyId })));
    expect(told.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
    await rotationsEnd(stand);
    await ask(stand, "compromised", arn, { keyId });
    await rotationsEnd(stand);
    expect(Object.keys(await marked(stand, arn))).toEqual([current]);
    expect(mintedKeys(stand.pictify)).toHaveLength(2);
  });

  test("may be said by its version id", async () => {
    const { stand, arn, current } = await deployed();
    await ask(stand, "compromised", arn, { versionId: current });
    expect(Object.keys(await marked(stand, arn))).toEqual([current]);
  });

  test("that was asked to go first later gets that mark too", async () => {
    const { stand, arn, keyId, current } = await deployed();
    await ask(stand, "compromised", arn, { keyId });
    await ask(stand, "compromised", arn, { keyId, first: true });
    expect((await marked(stand, arn))[current]).toHaveLength(2);
    expect(keyNow(stand.pictify, keyId)?.active).toBe(false);
  });

  test("that was replaced already is marked, and the current one is left alone", async () => {
    const { stand, arn, keyId, current } = await deployed();
    await stand.rotate(arn);
    const now = await stand.currentKey(arn);
    expect((await ask(stand, "compromised", arn, { keyId })).answer).toMatchObject({ status: "current" });
    await rotationsEnd(stand);
    expect(Object.keys(await marked(stand, arn))).toEqual([current]);
    expect((await stand.currentKey(arn)).keyId).toBe(now.keyId);
  });

  test("is replaced by the rotation that is on its way, if there is one", async () => {
    const { stand, arn } = await begun();
    const before = operations(stand.pictify);
    expect((await ask(stand, "compromised", arn)).answer).toMatchObject({ status: "rotating" });
    expect(operations(stand.pictify).create).toBe(before.create);
  });

  test("is replaced here where no rotation is configured", async () => {
    const stand = await createStand();
    const arn = await stand.declare();
    const { answer } = await ask(stand, "ensure", arn);
    const after = await ask(stand, "compromised", arn);
    expect(after.answer).toMatchObject({ status: "current", liveGenerations: 2, debt: [answer?.keyId] });
  });
});

describe("refused is, and nothing is changed by it,", () => {
  test.each([
    ["a key id that no version holds", { keyId: "key_nobody" }],
    ["a version id that is not there", { versionId: "v".repeat(32) }],
  ])("%s", async (_, which) => {
    const { stand, arn } = await deployed();
    expect((await ask(stand, "compromised", arn, which)).error).toMatch(/^KEY_NOT_FOUND/);
    expect(await marked(stand, arn)).toEqual({});
  });

  test("a pending generation, which nobody has", async () => {
    const { stand, arn, token, step } = await begun();
    await step("createSecret");
    expect((await ask(stand, "compromised", arn, { versionId: token })).error).toMatch(/^KEY_NOT_FOUND/);
  });

  test("a key that was destroyed", async () => {
    const { stand, arn } = await deployed();
    await ask(stand, "delete", arn, { force: true });
    expect((await ask(stand, "compromised", arn)).error).toMatch(/^DESTROYED/);
  });

  test("what is expected otherwise than declared", async () => {
    const { stand, arn } = await deployed();
    const { error } = await ask(stand, "compromised", arn, { expected: expecting({ name: "other" }) });
    expect(error).toMatch(/^NOT_AS_DECLARED/);
    expect(await marked(stand, arn)).toEqual({});
  });
});
