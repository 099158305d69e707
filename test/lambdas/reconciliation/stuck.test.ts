import { describe, expect, test } from "vitest";
import { begun, intercept } from "../rotation/begun.ts";
import { HOUR_MS, MINUTE_MS, mintedKeys, type Stand, stagesOf } from "../stand.ts";
import { currentOf, isActive, log, look, lookAndSettle, makeCurrent, ownLabels, records, unlimited } from "./passes.ts";

const PLENTY = { pictify: { plan: "enterprise" }, connections: { pictify: { plan: "enterprise" } } } as const;

const pendingOf = async (stand: Stand, arn: string) => stagesOf(await stand.facts(arn)).pending;

/** Passes until all is done that a stuck rotation asks for. */
const repair = async (stand: Stand) => {
  for (let n = 0; n < 4; n++) {
    await lookAndSettle(stand);
    await stand.clock.advance(10 * MINUTE_MS);
  }
};

describe("a rotation that stays unfinished", () => {
  test("is given up past the stuck age: its key is revoked, and another rotation ends well", async () => {
    const { stand, arn, token, step } = await begun(PLENTY);
    const { keyId } = await stand.currentKey(arn);
    await step("createSecret");
    const [, stuck] = mintedKeys(stand.pictify);
    await stand.clock.advance(6 * HOUR_MS);
    await repair(stand);

    expect(isActive(stand.pictify, stuck?.id ?? "")).toBe(false);
    expect(await currentOf(stand, arn)).not.toBe(token);
    expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
    expect((await ownLabels(stand, arn)).filter((label) => !label.includes("retiring"))).toEqual([]);
    expect(log(stand)).toMatch(/generation\.abandoned.*its rotation is stuck, last changed at 2026-/);
  });

  test("is given up, too, when it never got a value", async () => {
    const { stand, arn, token } = await begun(PLENTY);
    await stand.clock.advance(6 * HOUR_MS);
    await repair(stand);

    const { current, pending } = stagesOf(await stand.facts(arn));
    expect([undefined, current]).toContain(pending);
    expect(current).not.toBe(token);
    expect(mintedKeys(stand.pictify)).toHaveLength(2);
  });

  test("is left alone before that, and says so", async () => {
    const { stand, arn, token, step } = await begun(PLENTY);
    await step("createSecret");
    await stand.clock.advance(6 * HOUR_MS - MINUTE_MS);
    await look(stand);

    expect(await pendingOf(stand, arn)).toBe(token);
    expect(records(stand, "key.lives")).toMatchObject([{ state: "pending", versionId: token }]);
  });

  test("is young again after every try that changed something", async () => {
    const { stand, arn, token, step } = await begun(PLENTY);
    await stand.clock.advance(5 * HOUR_MS);
    await step("createSecret");
    await stand.clock.advance(5 * HOUR_MS);
    await look(stand);

    expect(await pendingOf(stand, arn)).toBe(token);
  });

  test("is left alone when AWS tells no time at all: nothing is known of its age", async () => {
    const timeless = intercept(async (_, call) => {
      const answer = (await call()) as Record<string, unknown>;
      const without = (entry: object) => ({ ...entry, LastChangedDate: undefined, CreatedDate: undefined });
      const { SecretList, Versions } = answer as { SecretList?: object[]; Versions?: object[] };
      const lists = {
        ...(SecretList && { SecretList: SecretList.map(without) }),
        ...(Versions && { Versions: Versions.map(without) }),
      };
      return { ...without(answer), ...lists };
    });
    const { stand, arn, token } = await begun(PLENTY, {}, timeless);
    await stand.clock.advance(48 * HOUR_MS);
    await look(stand);

    expect(await pendingOf(stand, arn)).toBe(token);
  });

  test("is left alone while AWS does not say when its version was made, which holds up no other secret", async () => {
    let isDenied = false;
    const denied = intercept((operation, call) =>
      operation === "ListSecretVersionIds" && isDenied ? Promise.reject(new Error("throttled")) : call(),
    );
    const { stand, arn, token } = await begun(PLENTY, {}, denied);
    const other = await stand.deploy({ name: "shop" });
    const { keyId } = await stand.currentKey(other);
    await stand.rotate(other);
    await stand.clock.advance(26 * HOUR_MS);
    isDenied = true;
    const { error } = await look(stand);
    const pendingWhileDenied = await pendingOf(stand, arn);
    isDenied = false;
    await look(stand);

    expect(error).toMatch(/^CONFLICT: 1 of this pass failed/);
    expect(records(stand, "versions.not-listed")).toMatchObject([{ secretName: expect.stringContaining("web") }]);
    expect(isActive(stand.pictify, keyId)).toBe(false);
    expect(pendingWhileDenied).toBe(token);
    expect(await pendingOf(stand, arn)).not.toBe(token);
  });
});

describe("a run that is still at a rotation which is being given up", () => {
  test("may promote its key, which is then never revoked", async () => {
    const { stand, arn, token, step } = await begun(PLENTY);
    await step("createSecret");
    await stand.clock.advance(6 * HOUR_MS);
    await step("testSecret");
    const { keyId } = JSON.parse(
      (await stand.aws<{ SecretString: string }>("GetSecretValue", { SecretId: arn, VersionId: token })).SecretString,
    );
    await look(stand);
    // The twin had looked before the mark was put, and moves AWSCURRENT only now.
    await makeCurrent(stand, arn, token);
    await repair(stand);
    await stand.clock.advance(48 * HOUR_MS);
    await repair(stand);

    expect(isActive(stand.pictify, keyId)).toBe(true);
    expect((await stand.currentKey(arn)).keyId).toBe(keyId);
    expect(await ownLabels(stand, arn)).toEqual([]);
  });

  test("keeps its key for as long as it may run", async () => {
    const { stand, step } = await begun(PLENTY);
    await step("createSecret");
    await stand.clock.advance(6 * HOUR_MS);
    await look(stand);
    await stand.clock.advance(5 * MINUTE_MS - 1);
    await look(stand);
    const [, givenUp] = mintedKeys(stand.pictify);
    expect(givenUp).toBeDefined();
    await stand.clock.advance(1);
    await look(stand);
    expect(mintedKeys(stand.pictify).map(({ id }) => id)).not.toContain(givenUp?.id);
  });
});

describe("after a person has moved AWSCURRENT back", () => {
  const rolledBack = async () => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    const [old, first] = [await currentOf(stand, arn), await stand.currentKey(arn)];
    await stand.rotate(arn);
    const second = await stand.currentKey(arn);
    await stand.clock.advance(HOUR_MS);
    await makeCurrent(stand, arn, old);
    return { stand, arn, first, second };
  };

  test("AWSPENDING is taken off the other version, which retires like any that was replaced", async () => {
    const { stand, arn, first, second } = await rolledBack();
    expect(await pendingOf(stand, arn)).not.toBe(await currentOf(stand, arn));
    await look(stand);
    expect(await pendingOf(stand, arn)).toBeUndefined();
    expect(isActive(stand.pictify, second.keyId)).toBe(true);
    await stand.clock.advance(26 * HOUR_MS);
    for (let n = 0; n < 2; n++) await look(stand);

    expect(mintedKeys(stand.pictify).map(({ id }) => id)).toEqual([first.keyId]);
    expect(await ownLabels(stand, arn)).toEqual([]);
  });

  test("moving it forward again starts the old generation's overlap anew", async () => {
    const { stand, arn, first, second } = await rolledBack();
    await look(stand);
    await stand.clock.advance(20 * HOUR_MS);
    const ids = Object.entries((await stand.facts(arn)).stages);
    const other = ids.find(([, labels]) => !labels.includes("AWSCURRENT"))?.[0] ?? "";
    await makeCurrent(stand, arn, other);
    await look(stand);
    await stand.clock.advance(23 * HOUR_MS);
    await look(stand);

    expect((await stand.currentKey(arn)).keyId).toBe(second.keyId);
    expect(isActive(stand.pictify, first.keyId)).toBe(true);
    await stand.clock.advance(2 * HOUR_MS);
    await look(stand);
    expect(isActive(stand.pictify, first.keyId)).toBe(false);
  });
});
