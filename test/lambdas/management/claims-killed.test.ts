import { expect, test } from "vitest";
import { intercept } from "../rotation/begun.ts";
import { createStand, HOUR_MS, MINUTE_MS, mintedKeys, type Stand } from "../stand.ts";
import { ask, askUntilCurrent, expecting, keyNow, rotationsEnd } from "./asking.ts";
import { type Death, everyDeath, mortal } from "./deaths.ts";

/*
 * An object is made in another one's place, and that one ends, as Terraform replaces with create_before_destroy. The functions are killed
 * before and after every single call. The provider asks again; or it died too, and the next apply makes another object.
 */
const BY_PROVIDER = { protocol: 1, expected: expecting() };

const currentWorks = async (stand: Stand, arn: string): Promise<boolean | undefined> =>
  keyNow(stand.pictify, (await stand.currentKey(arn)).keyId)?.active;

/** Looks before each call of the functions to AWS whether the value of AWSCURRENT works. @returns how often it did not */
const watch = (stand: Stand, arn: () => string | undefined): { broken: number } => {
  const seen = { broken: 0 };
  intercept(async (_, call) => {
    const secretId = arn();
    if (secretId !== undefined && !(await currentWorks(stand, secretId))) seen.broken++;
    return call();
  })(stand);
  stand.anotherService("prod");
  return seen;
};

const asked = async (stand: Stand, action: string, arn: string, more: object): Promise<void> => {
  const { error } = await ask(stand, action, arn, { ...BY_PROVIDER, ...more });
  if (error !== undefined) throw new Error(error);
};

const made = async (stand: Stand, arn: string, id: string): Promise<void> => {
  const claim = { id, isOpen: true };
  for (let tries = 0; tries < 60; tries++) {
    const { answer, error } = await ask(stand, "ensure", arn, { ...BY_PROVIDER, revive: true, claim });
    if (error !== undefined) throw new Error(error);
    if (answer?.status === "current" && answer.waitsFor === undefined) break;
    await rotationsEnd(stand);
    await stand.clock.advance(MINUTE_MS);
  }
  await asked(stand, "claim", arn, { claim: { id } });
};

const replaced = async (stand: Stand, arn: string, id: string): Promise<void> => {
  await made(stand, arn, id);
  await asked(stand, "delete", arn, { claim: { id: "old" } });
};

const untilDone = async (work: () => Promise<void>, stand: Stand): Promise<void> => {
  for (let tries = 0; ; tries++)
    try {
      return await work();
    } catch (error) {
      if (tries > 20) throw error;
      await stand.clock.advance(MINUTE_MS);
    }
};

test.each([
  ["the provider asks again", "new"],
  ["the next apply makes another object", "newer"],
])("killed anywhere in a replacement, the key's value works throughout, when %s", async (_, next) => {
  const calls = await everyDeath(async (death: Death) => {
    const stand = await createStand();
    let watched: string | undefined;
    const seen = watch(stand, () => watched);
    const manage = mortal(stand);
    const arn = await stand.declare();
    await askUntilCurrent(stand, "ensure", arn, { ...BY_PROVIDER, revive: true, claim: { id: "old", isOpen: true } });
    await asked(stand, "claim", arn, { claim: { id: "old" } });
    await stand.turnOn(arn);
    await stand.clock.advance(2 * HOUR_MS);
    const { keyId } = await stand.currentKey(arn);
    watched = arn;

    const died = await manage.dying(death, () => replaced(stand, arn, "new").catch(() => undefined));
    await untilDone(() => replaced(stand, arn, next), stand);
    await stand.clock.advance(10 * MINUTE_MS);

    expect(seen.broken, JSON.stringify(death)).toBe(0);
    const now = await stand.currentKey(arn);
    expect(now.keyId).not.toBe(keyId);
    expect(mintedKeys(stand.pictify).map(({ id }) => id)).toContain(now.keyId);
    expect(mintedKeys(stand.pictify).length).toBeLessThanOrEqual(3);
    const { held, rotationEnabled, stages } = await stand.facts(arn);
    expect(held.claims.filter(({ isOpen }) => !isOpen).map(({ id }) => id)).toContain(next);
    expect(held.claims.map(({ id }) => id)).not.toContain("old");
    expect(rotationEnabled).toBe(true);
    expect(JSON.stringify(stages)).not.toContain("keyturn/destroyed/");
    return died;
  });
  expect(calls).toBeGreaterThan(20);
});
