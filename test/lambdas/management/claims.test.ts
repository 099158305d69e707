import { describe, expect, test } from "vitest";
import { claimLabel, UNNAMED } from "../../../lambdas/contracts/claims.ts";
import type { Declaration } from "../../../lambdas/contracts/declaration.ts";
import { MAX_OWN_LABELS, markLabel } from "../../../lambdas/contracts/labels.ts";
import { intercept } from "../rotation/begun.ts";
import {
  createStand,
  HOUR_MS,
  MINUTE_MS,
  mintedKeys,
  pictographKey,
  SECOND_MS,
  type Stand,
  stagesOf,
} from "../stand.ts";
import { ask, askUntilCurrent, expecting, keyNow, rotationsEnd, storeByHand } from "./asking.ts";

const BY_PROVIDER = { protocol: 1, expected: expecting() };

const make = async (stand: Stand, arn: string, id: string, declared: Partial<Declaration> = {}): Promise<void> => {
  const byProvider = { protocol: 1, expected: expecting(declared) };
  await askUntilCurrent(stand, "ensure", arn, { ...byProvider, revive: true, claim: { id, isOpen: true } });
  await rotationsEnd(stand);
  await ask(stand, "claim", arn, { ...byProvider, claim: { id } });
};

const end = (stand: Stand, arn: string, id?: string) =>
  ask(stand, "delete", arn, { ...BY_PROVIDER, ...(id === undefined ? {} : { claim: { id } }) });

const claims = async (stand: Stand, arn: string): Promise<readonly string[]> =>
  (await stand.facts(arn)).held.claims.map(({ id, isOpen }) => (isOpen ? `${id}?` : id));

/** A key that one object made hours ago, and that is rotated. */
const claimed = async (...ids: readonly string[]) => {
  const stand = await createStand();
  const arn = await stand.declare();
  for (const id of ids) await make(stand, arn, id);
  await stand.turnOn(arn);
  await stand.clock.advance(2 * HOUR_MS);
  return { stand, arn };
};

/** A key from before claims: none is written, and nothing says that there is none. */
const older = async () => {
  const stand = await createStand();
  const arn = await stand.deploy();
  const { unclaimed } = (await stand.facts(arn)).held;
  await unlabel(stand, arn, unclaimed?.versionId ?? "", unclaimed?.label ?? "");
  await stand.clock.advance(2 * HOUR_MS);
  return { stand, arn };
};

const label = (stand: Stand, SecretId: string, MoveToVersionId: string, VersionStage: string) =>
  stand.aws("UpdateSecretVersionStage", { SecretId, MoveToVersionId, VersionStage });

const unlabel = (stand: Stand, SecretId: string, RemoveFromVersionId: string, VersionStage: string) =>
  stand.aws("UpdateSecretVersionStage", { SecretId, RemoveFromVersionId, VersionStage });

const currentWorks = async (stand: Stand, arn: string): Promise<boolean | undefined> =>
  keyNow(stand.pictify, (await stand.currentKey(arn)).keyId)?.active;

describe("a key", () => {
  test("that one object claims ends with it", async () => {
    const { stand, arn } = await claimed("one");

    expect((await end(stand, arn, "one")).answer).toMatchObject({ status: "destroyed", claims: [] });
    expect(mintedKeys(stand.pictify)).toEqual([]);
    expect(await claims(stand, arn)).toEqual([]);
  });

  test("that another object claims as well lives on, and the answer names that claim and its age", async () => {
    const { stand, arn } = await claimed("one", "two");
    const { keyId } = await stand.currentKey(arn);

    const { answer } = await end(stand, arn, "one");

    expect(answer).toMatchObject({ status: "destroyed", claims: [{ id: "two", since: expect.any(String) }] });
    expect(keyNow(stand.pictify, keyId)?.active).toBe(true);
    expect((await stand.facts(arn)).rotationEnabled).toBe(true);
    expect(await claims(stand, arn)).toEqual(["two"]);
  });

  test("that two claim ends when both go at once", async () => {
    const { stand, arn } = await claimed("one", "two");
    const { functions } = stand.account;
    const gone = ["one", "two"].map((id) =>
      functions.invoke(stand.functions.manage, { ...BY_PROVIDER, action: "delete", secretId: arn, claim: { id } }),
    );
    await stand.clock.run(Promise.all(gone));

    expect(mintedKeys(stand.pictify)).toEqual([]);
    expect(await claims(stand, arn)).toEqual([]);
  });

  test("that an object whose claim is not written gives up lives on with those of others", async () => {
    const { stand, arn } = await claimed("one");

    expect((await end(stand, arn, "never-written")).answer).toMatchObject({ claims: [{ id: "one" }] });
    expect(await claims(stand, arn)).toEqual(["one"]);
    expect(await currentWorks(stand, arn)).toBe(true);
  });

  test("that was destroyed and is made again is claimed by the new object alone", async () => {
    const { stand, arn } = await claimed("one");
    await end(stand, arn, "one");
    await make(stand, arn, "two");

    expect(await claims(stand, arn)).toEqual(["two"]);
    expect(await currentWorks(stand, arn)).toBe(true);
  });
});

describe("an object that is made beside another", () => {
  test("gets a generation of its own, and the other's retires", async () => {
    const { stand, arn } = await claimed("one");
    const { keyId } = await stand.currentKey(arn);
    await make(stand, arn, "two");

    expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
    expect(mintedKeys(stand.pictify)).toHaveLength(2);
    expect(await claims(stand, arn)).toEqual(["one", "two"]);
  });

  test("is told to ask again until that generation is current", async () => {
    const { stand, arn } = await claimed("one");

    const { answer } = await ask(stand, "ensure", arn, { ...BY_PROVIDER, claim: { id: "two", isOpen: true } });

    expect(answer?.waitsFor).toContain("generation of its own");
  });

  test("is refused where labels are at their limit, and told whose claims there are", async () => {
    const { stand, arn } = await claimed("one");
    const { current = "" } = stagesOf(await stand.facts(arn));
    for (let n = 1; n < MAX_OWN_LABELS; n++)
      await label(stand, arn, current, claimLabel({ id: `more-${n}`, isOpen: false, sinceMs: n }));

    const { error } = await ask(stand, "ensure", arn, { ...BY_PROVIDER, claim: { id: "two", isOpen: true } });

    expect(error).toMatch(/^LABEL_LIMIT.*15 labels.*more-1.*release/);
    expect(mintedKeys(stand.pictify)).toHaveLength(1);
  });
});

describe("a claim", () => {
  test("is open until its create has been answered", async () => {
    const { stand, arn } = await claimed();
    await ask(stand, "ensure", arn, { ...BY_PROVIDER, claim: { id: "one", isOpen: true } });
    expect(await claims(stand, arn)).toEqual(["one?"]);

    await ask(stand, "claim", arn, { ...BY_PROVIDER, claim: { id: "one" } });
    expect(await claims(stand, arn)).toEqual(["one"]);
  });

  test("that is open holds the key for as long as its create may run, and no longer", async () => {
    for (const [minutes, isHeld] of [
      [4, true],
      [6, false],
    ] as const) {
      const { stand, arn } = await claimed("one");
      await ask(stand, "claim", arn, { ...BY_PROVIDER, claim: { id: "died", isOpen: true } });
      await stand.clock.advance(minutes * MINUTE_MS);
      await end(stand, arn, "one");

      expect(mintedKeys(stand.pictify).length > 0, `after ${minutes} minutes`).toBe(isHeld);
    }
  });

  test("of a create that died is dropped by the next create, once it is older than the function may run", async () => {
    const { stand, arn } = await claimed();
    await ask(stand, "ensure", arn, { ...BY_PROVIDER, claim: { id: "died", isOpen: true } });
    await stand.clock.advance(6 * MINUTE_MS);
    await make(stand, arn, "one");

    expect(await claims(stand, arn)).toEqual(["one"]);
  });

  test("of a create that died costs no further generation", async () => {
    const { stand, arn } = await claimed("one");
    await askUntilCurrent(stand, "ensure", arn, { ...BY_PROVIDER, claim: { id: "died", isOpen: true } });
    await rotationsEnd(stand);
    const { keyId } = await stand.currentKey(arn);
    await make(stand, arn, "two");

    expect((await stand.currentKey(arn)).keyId).toBe(keyId);
  });

  test("is written once, however often the same create asks", async () => {
    const { stand, arn } = await claimed();
    for (let n = 0; n < 3; n++) await ask(stand, "ensure", arn, { ...BY_PROVIDER, claim: { id: "one", isOpen: true } });

    expect(await claims(stand, arn)).toEqual(["one?"]);
  });

  test("of a lost state is dropped by release, and the key lives on", async () => {
    const { stand, arn } = await claimed("lost", "one");
    await ask(stand, "release", arn, { claim: "lost" });
    expect(await claims(stand, arn)).toEqual(["one"]);
    expect(await currentWorks(stand, arn)).toBe(true);

    await end(stand, arn, "one");
    expect(mintedKeys(stand.pictify)).toEqual([]);
  });

  test("that was the last and was dropped by release leaves a key that the next object has alone", async () => {
    const { stand, arn } = await claimed("lost");
    await ask(stand, "release", arn, { claim: "lost" });
    await make(stand, arn, "one");

    expect(await claims(stand, arn)).toEqual(["one"]);
  });

  test("says nothing of the version it lies on: one that holds nothing else is as one without a label", async () => {
    const { stand, arn } = await claimed("one");
    const { current: old = "" } = stagesOf(await stand.facts(arn));
    await stand.rotate(arn);
    await stand.rotate(arn);
    await unlabelAll(stand, arn, old);

    const { stages, held } = await stand.facts(arn);

    expect(held.claims).toMatchObject([{ id: "one", versionId: old }]);
    expect(Object.keys(stages)).not.toContain(old);
  });
});

/** Takes our marks off a version, as reconcile does when its key is gone. */
const unlabelAll = async (stand: Stand, arn: string, versionId: string): Promise<void> => {
  for (const mark of (await stand.facts(arn)).stages[versionId] ?? [])
    if (mark.startsWith("keyturn/")) await unlabel(stand, arn, versionId, mark);
};

describe("a key from before claims", () => {
  test("ends with the object that has no claim's name", async () => {
    const { stand, arn } = await older();
    await end(stand, arn);

    expect(mintedKeys(stand.pictify)).toEqual([]);
  });

  test("has the unnamed claim without anything being written, and the first create beside writes that down, too", async () => {
    const { stand, arn } = await older();
    expect(await claims(stand, arn)).toEqual([]);

    await make(stand, arn, "two");
    expect([...(await claims(stand, arn))].sort()).toEqual(["two", UNNAMED]);

    expect((await end(stand, arn, "two")).answer?.claims).toMatchObject([{ id: UNNAMED }]);
    expect(await currentWorks(stand, arn)).toBe(true);
  });

  test("gets a named claim in the unnamed one's place with its object's next update", async () => {
    const { stand, arn } = await older();
    await make(stand, arn, "two");
    await ask(stand, "claim", arn, { ...BY_PROVIDER, claim: { id: "one", was: UNNAMED } });

    expect([...(await claims(stand, arn))].sort()).toEqual(["one", "two"]);
  });

  test("does not end with an object that has a name nobody has written", async () => {
    const { stand, arn } = await older();

    expect((await end(stand, arn, "imported")).answer?.claims).toEqual([{ id: UNNAMED }]);
    expect(await currentWorks(stand, arn)).toBe(true);
  });

  test("is free of the unnamed claim once that was released", async () => {
    const { stand, arn } = await older();
    await ask(stand, "release", arn, { claim: UNNAMED });
    await make(stand, arn, "two");

    expect(await claims(stand, arn)).toEqual(["two"]);
  });

  test("is only read by a plan", async () => {
    const { stand, arn } = await older();
    const before = await stand.facts(arn);
    await stand.invoke("inspect", { protocol: 1, action: "list" });
    await stand.invoke("inspect", { protocol: 1, action: "describe", secretId: arn });

    expect(await stand.facts(arn)).toEqual(before);
  });
});

describe("who asks without a claim", () => {
  const asked = async (action: string, more: object) => {
    const stand = await createStand();
    const arn = await stand.declare({ ...pictographKey });
    const { id: keyId, value } = stand.pictograph.issueKey({ name: "by hand", access: "member", propagationMs: 0 });
    await storeByHand(stand, arn, { apiKey: value });
    await ask(stand, "adopt", arn, { keyId });
    await make(stand, arn, "one", pictographKey);
    await ask(stand, action, arn, { keyId, ...more });
    return claims(stand, arn);
  };

  test.each(["ensure", "adopt"])("and is a person has none after %s", async (action) => {
    expect(await asked(action, {})).toEqual(["one"]);
  });

  test.each([
    ["ensure", { revive: true }],
    ["adopt", {}],
  ])("and is an earlier provider has the unnamed one after %s, beside those that are there", async (action, more) => {
    const byEarlierProvider = { protocol: 1, expected: expecting(pictographKey), ...more };

    expect(await asked(action, byEarlierProvider)).toEqual(["one", UNNAMED]);
  });
});

describe("a destroy waits before it revokes,", () => {
  const endingWhile = async (untilMs: number) => {
    const { stand, arn } = await claimed("one");
    const event = { ...BY_PROVIDER, action: "delete", secretId: arn, claim: { id: "one" } };
    const ending = stand.account.functions.invoke(stand.functions.manage, event);
    await stand.clock.advance(untilMs);
    const { keyId } = await stand.currentKey(arn);
    return { stand, arn, keyId, ending };
  };

  test("and a claim that comes meanwhile keeps key and rotation", async () => {
    const { stand, arn, keyId, ending } = await endingWhile(20 * SECOND_MS);
    await make(stand, arn, "two");
    await stand.clock.run(ending);

    expect(keyNow(stand.pictify, keyId)?.active).toBe(true);
    expect(await currentWorks(stand, arn)).toBe(true);
    expect((await stand.facts(arn)).rotationEnabled).toBe(true);
    expect(await claims(stand, arn)).toEqual(["two"]);
  });

  test("and has revoked nothing before", async () => {
    const { stand, ending } = await endingWhile(29 * SECOND_MS);
    expect(mintedKeys(stand.pictify)).toHaveLength(1);

    await stand.clock.run(ending);
    expect(mintedKeys(stand.pictify)).toHaveLength(0);
  });

  test("and a claim that comes after its mark finds a key that works", async () => {
    const { stand, arn } = await claimed("one");
    let isMade = false;
    const create = {
      ...BY_PROVIDER,
      action: "ensure",
      secretId: arn,
      revive: true,
      claim: { id: "two", isOpen: true },
    };
    let making: Promise<unknown> = Promise.resolve();
    intercept(async (operation, call, input) => {
      const answer = await call();
      if (!isMade && operation === "UpdateSecretVersionStage" && JSON.stringify(input).includes("keyturn/destroyed/")) {
        isMade = true;
        making = stand.account.functions.invoke(stand.functions.manage, create);
      }
      return answer;
    })(stand);
    stand.anotherService("prod");
    await end(stand, arn, "one");
    await stand.clock.run(making);
    await make(stand, arn, "two");

    expect(isMade).toBe(true);
    expect(await currentWorks(stand, arn)).toBe(true);
    expect(JSON.stringify((await stand.facts(arn)).stages)).not.toContain(markLabel("destroyed", 0).slice(0, -24));
    expect(await claims(stand, arn)).toEqual(["two"]);
  });
});
