import { describe, expect, test } from "vitest";
import { createStand, HOUR_MS, mintedKeys, pictographKey, type Stand, stagesOf } from "../stand.ts";
import { ask, askUntilCurrent, keyNow, retag, rotationsEnd, storeByHand } from "./asking.ts";
import { type Death, everyDeath, mortal } from "./deaths.ts";

/*
 * Each action of `manage` is killed before and after every single call that it makes, to AWS and to the vendor, and asked
 * again: the outcome must be that of a run that nobody killed, with no key left over and no value told.
 */
interface Case {
  readonly action: string;
  readonly more?: object;
  /** The key before: returns the ARN of its secret. */
  arrange(stand: Stand): Promise<string>;
  readonly check: (stand: Stand, arn: string) => Promise<void>;
}

const KEY = pictographKey;
const liveIds = (stand: Stand) => mintedKeys(stand.pictograph).map(({ id }) => id);

const checkNoValueTold = (stand: Stand): void => {
  const log = stand.lines.join("\n");
  for (const value of stand.pictograph.issuedValues()) expect(log).not.toContain(value);
};

/** One current generation works; what else is alive is held by a version that reconcile will retire. */
const checkOneCurrent = async (stand: Stand, arn: string, others: number): Promise<void> => {
  const { keyId } = await stand.currentKey(arn);
  expect(keyNow(stand.pictograph, keyId)?.active).toBe(true);
  const held = Object.values((await stand.facts(arn)).stages).filter((labels) =>
    labels.some((label) => label.startsWith("keyturn/retiring/")),
  );
  expect(liveIds(stand).filter((id) => id !== keyId)).toHaveLength(others);
  expect(held.length).toBeGreaterThanOrEqual(others);
};

const CASES: Readonly<Record<string, Case>> = {
  "a first generation": {
    action: "ensure",
    arrange: (stand) => stand.declare(KEY),
    check: (stand, arn) => checkOneCurrent(stand, arn, 0),
  },
  "a destroyed key declared again": {
    action: "ensure",
    more: { revive: true },
    async arrange(stand) {
      const arn = await stand.deploy(KEY);
      await ask(stand, "delete", arn, { force: true });
      return arn;
    },
    check: (stand, arn) => checkOneCurrent(stand, arn, 0),
  },
  "a key revoked behind our back": {
    action: "ensure",
    async arrange(stand) {
      const arn = await stand.deploy(KEY);
      await stand.clock.advance(HOUR_MS);
      stand.pictograph.revokeKey((await stand.currentKey(arn)).keyId);
      return arn;
    },
    check: (stand, arn) => checkOneCurrent(stand, arn, 0),
  },
  "another name and role, in place": {
    action: "update",
    async arrange(stand) {
      const arn = await stand.deploy(KEY);
      await retag(stand, arn, { name: "renamed", role: "viewer" });
      return arn;
    },
    check: (stand, arn) => checkOneCurrent(stand, arn, 0),
  },
  "an adoption": {
    action: "adopt",
    async arrange(stand) {
      const arn = await stand.declare(KEY);
      const { value } = stand.pictograph.issueKey({ name: "by hand", access: "member", propagationMs: 0 });
      await storeByHand(stand, arn, { apiKey: value });
      return arn;
    },
    async check(stand, arn) {
      const { keyId } = await stand.currentKey(arn);
      expect(keyNow(stand.pictograph, keyId)).toMatchObject({ name: "by hand", active: true });
      expect(liveIds(stand)).toEqual([]);
      expect(JSON.stringify((await stand.facts(arn)).stages)).not.toMatch(/keyturn\//);
    },
  },
};

const adoptedId = (stand: Stand) => stand.pictograph.keys().find(({ name }) => name === "by hand")?.id;

const killedAndAskedAgain = async ({ action, more, arrange, check }: Case, death: Death): Promise<boolean> => {
  const stand = await createStand();
  const arn = await arrange(stand);
  const fields = { ...more, ...(action === "adopt" ? { keyId: adoptedId(stand) } : {}) };
  const died = await mortal(stand).dying(death, () => ask(stand, action, arn, fields));
  await askUntilCurrent(stand, action, arn, fields);
  await check(stand, arn);
  checkNoValueTold(stand);
  return died;
};

describe("killed anywhere and asked again,", () => {
  test.each(Object.entries(CASES))("%s comes out as if nothing had been", async (_, one) => {
    expect(await everyDeath((death) => killedAndAskedAgain(one, death))).toBeGreaterThan(5);
  });

  test("a compromised key is marked, replaced, and told of by its mark", async () => {
    const calls = await everyDeath(async (death) => {
      const stand = await createStand();
      const arn = await stand.deploy(KEY);
      const { current = "" } = stagesOf(await stand.facts(arn));
      const { keyId } = await stand.currentKey(arn);
      const died = await mortal(stand).dying(death, () => ask(stand, "compromised", arn, { keyId, first: true }));
      await ask(stand, "compromised", arn, { keyId, first: true });
      await rotationsEnd(stand);
      await askUntilCurrent(stand, "ensure", arn);
      expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
      expect((await stand.facts(arn)).stages[current]?.join()).toContain("keyturn/compromised-first/");
      expect(keyNow(stand.pictograph, keyId)?.active).toBe(false);
      checkNoValueTold(stand);
      return died;
    });
    expect(calls).toBeGreaterThan(4);
  });

  test("the end of a key comes, and nothing of it is left", async () => {
    const calls = await everyDeath(async (death) => {
      const stand = await createStand();
      const arn = await stand.deploy(KEY);
      await stand.rotate(arn);
      const died = await mortal(stand).dying(death, () => ask(stand, "delete", arn, { force: true }));
      expect((await ask(stand, "delete", arn, { force: true })).answer).toMatchObject({ status: "destroyed" });
      expect(liveIds(stand)).toEqual([]);
      expect((await stand.facts(arn)).rotationEnabled).toBe(false);
      checkNoValueTold(stand);
      return died;
    });
    expect(calls).toBeGreaterThan(6);
  });
});
