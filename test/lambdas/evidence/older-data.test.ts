import { describe, expect, test } from "vitest";
import { ask, askUntilCurrent } from "../management/asking.ts";
import { isActive, ownLabels, passes, records, unlimited, written } from "../reconciliation/passes.ts";
import { addSecondConnection, secondConnectionOf, type VendorName } from "../second-connection.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, mintedKeys, type Stand } from "../stand.ts";
import { type OlderGeneration, type OlderSecret, olderSecret } from "./older-secret.ts";

/*
 * What functions wrote before values named their connection goes on rightly under those of today.
 */
interface Place {
  readonly vendor: VendorName;
  /** Where a second connection to the vendor is declared, if there is one. */
  readonly order?: "before" | "after";
  /** Whether the secret is declared at that one. */
  readonly isSecond?: boolean;
}

const PLACES: readonly (readonly [string, Place])[] = (["pictify", "pictograph"] as const).flatMap((vendor) => [
  [`${vendor}, its only connection`, { vendor }],
  [`${vendor}, the first of two connections`, { vendor, order: "after" }],
  [`${vendor}, the second of two connections`, { vendor, order: "after", isSecond: true }],
  [`${vendor}, a second connection that is declared first`, { vendor, order: "before", isSecond: true }],
]);

const PASS_MS = 15 * MINUTE_MS;

const opened = async ({ vendor, order, isSecond }: Place): Promise<OlderSecret> => {
  const pictograph = { switches: { organizationChecked: false } };
  const stand = await unlimited({ grants: { reconcileInterval: "PT15M" }, pictograph });
  if (order) await addSecondConnection(stand, vendor, order);
  return olderSecret(stand, vendor, isSecond);
};

const isAlive = ({ stand, vendor }: OlderSecret, { keyId }: OlderGeneration) => isActive(stand[vendor], keyId);

const creates = ({ stand, vendor }: OlderSecret): number =>
  stand[vendor].calls().find(({ operation }) => operation === "create")?.count ?? 0;

const alive = ({ stand, vendor }: OlderSecret): readonly string[] => mintedKeys(stand[vendor]).map(({ id }) => id);

/** Passes for so long; at each of them the current key works. */
const goOn = async (older: OlderSecret, durationMs: number): Promise<void> => {
  const { stand, vendor, arn } = older;
  for (const endMs = stand.clock.now() + durationMs; stand.clock.now() < endMs; ) {
    await passes(stand, 1, PASS_MS);
    expect(isActive(stand[vendor], (await stand.currentKey(arn)).keyId)).toBe(true);
  }
};

const ALARMS = ["CurrentKeyDead", "DriftFound", "ListingNotWhole", "RevokeByHand", "StraysHeld", "WrongOrganization"];

const expectNoAlarm = (stand: Stand): void => {
  for (const alarm of ALARMS) expect([alarm, ...written(stand, alarm)]).toEqual([alarm]);
};

/** All is done: the current key is alive and no other, and no label of ours is left. */
const expectRest = async (older: OlderSecret): Promise<void> => {
  const { stand, arn } = older;
  expect(alive(older)).toEqual([(await stand.currentKey(arn)).keyId]);
  expect(await ownLabels(stand, arn)).toEqual([]);
  expectNoAlarm(stand);
};

/** A current generation, made an hour ago, whose rotation is on. */
const settled = async (place: Place) => {
  const older = await opened(place);
  const current = await older.store("AWSCURRENT");
  await older.stand.turnOn(older.arn);
  await older.stand.clock.advance(HOUR_MS);
  return { older, current };
};

/** The same after a rotation. */
const rotated = async (place: Place) => {
  const { older, current: old } = await settled(place);
  const current = await older.store("AWSPENDING");
  await older.stand.clock.advance(MINUTE_MS);
  await older.mark(old, "keyturn/retiring/");
  await older.promote(current);
  return { older, old, current };
};

describe.each(PLACES)("at %s", (_, place) => {
  test("a current generation stays as it is, in plans, deploys and passes", async () => {
    const { older, current } = await settled(place);
    const { stand, arn } = older;

    await goOn(older, 4 * HOUR_MS);
    const { answer } = await ask(stand, "ensure", arn);
    const inspected = await stand.invoke("inspect", { protocol: 1, action: "describe", secretId: arn });

    expect(answer).toMatchObject({ status: "current", keyId: current.keyId });
    expect(inspected.answer).toMatchObject({ keys: [{ status: "current", keyId: current.keyId, liveGenerations: 1 }] });
    expect(creates(older)).toBe(0);
    await expectRest(older);
  });

  test("a current generation is rotated, and goes when its overlap is over", async () => {
    const { older, current } = await settled(place);
    const { stand, arn } = older;

    await stand.rotate(arn);
    await stand.clock.advance(DAY_MS - HOUR_MS);
    await goOn(older, 30 * MINUTE_MS);
    expect(isAlive(older, current)).toBe(true);
    await goOn(older, 3 * HOUR_MS);

    expect(isAlive(older, current)).toBe(false);
    expect(creates(older)).toBe(1);
    await expectRest(older);
  });

  test("a current generation that was revoked at the vendor is replaced", async () => {
    const { older, current } = await settled(place);
    const { stand, arn, vendor } = older;

    stand[vendor].revokeKey(current.keyId);
    await passes(stand, 5, PASS_MS);

    expect(alive(older)).toEqual([(await stand.currentKey(arn)).keyId]);
    expect(creates(older)).toBe(1);
  });

  test("a generation that lists omit stays, whether current or replaced", async () => {
    const { older, old, current } = await rotated(place);
    const { stand, vendor } = older;
    await stand.clock.advance(DAY_MS - HOUR_MS);
    const omits = (id: string) => id === old.keyId || id === current.keyId;

    stand[vendor].hostile.next("list", { kind: "list-omits", omits }, Infinity);
    await goOn(older, 2 * HOUR_MS);

    expect(isAlive(older, old)).toBe(true);
    expect(await ownLabels(stand, older.arn)).toEqual([expect.stringMatching(/^keyturn\/retiring\//)]);
    expect(creates(older)).toBe(0);
    stand[vendor].hostile.clear();
    await goOn(older, 3 * HOUR_MS);
    expect(alive(older)).toEqual([current.keyId]);
    expect(await ownLabels(stand, older.arn)).toEqual([]);
  });

  test("nothing is minted with an admin key of another organization", async () => {
    const { older, current } = await settled(place);
    const { stand, vendor, arn } = older;
    const { value: apiKey } = stand[vendor].issueAdminKey("Admin", "22222222-2222-4222-8222-222222222222");
    const SecretId = `keyturn/${place.isSecond ? secondConnectionOf(vendor) : vendor}`;
    await stand.aws("PutSecretValue", { SecretId, SecretString: JSON.stringify({ apiKey }) });
    stand.anotherService("prod");

    await stand.rotate(arn);
    const { error } = await ask(stand, "ensure", arn);
    await stand.invoke("reconcile", { revokeStrays: [] });

    expect(error).toMatch(/^WRONG_ORGANIZATION/);
    expect(alive(older)).toEqual([current.keyId]);
    expect(creates(older)).toBe(0);
    expect(written(stand, "WrongOrganization").length).toBeGreaterThan(0);
  });

  test("a replaced generation stays for its overlap, and goes then", async () => {
    const { older, old } = await rotated(place);

    await goOn(older, HOUR_MS);
    await older.stand.clock.advance(DAY_MS - 2 * HOUR_MS);
    await goOn(older, 30 * MINUTE_MS);
    expect(isAlive(older, old)).toBe(true);
    await goOn(older, 3 * HOUR_MS);

    expect(isAlive(older, old)).toBe(false);
    expect(creates(older)).toBe(0);
    await expectRest(older);
  });

  test("a replaced generation whose overlap is long over goes", async () => {
    const { older, old } = await rotated(place);

    await older.stand.clock.advance(5 * DAY_MS);
    await goOn(older, 2 * HOUR_MS);

    expect(isAlive(older, old)).toBe(false);
    expect(creates(older)).toBe(0);
    await expectRest(older);
  });

  test.each(["lists", "does not list"])("a label is taken off whose key was revoked, and %s as such", async (how) => {
    const { older, old } = await rotated(place);
    const { stand, vendor } = older;
    await stand.clock.advance(25 * HOUR_MS);

    stand[vendor].revokeKey(old.keyId);
    if (how === "does not list")
      stand[vendor].hostile.next("list", { kind: "list-omits", omits: (id) => id === old.keyId }, Infinity);
    await goOn(older, 2 * HOUR_MS);

    expect(creates(older)).toBe(0);
    await expectRest(older);
  });

  test("a generation that was compromised and replaced goes without an overlap", async () => {
    const { older, old } = await rotated(place);

    await older.mark(old, "keyturn/compromised/");
    await goOn(older, HOUR_MS);

    expect(isAlive(older, old)).toBe(false);
    expect(creates(older)).toBe(0);
    await expectRest(older);
  });

  test.each(["keyturn/compromised/", "keyturn/compromised-first/"])(
    "a current generation with %s is replaced, and goes",
    async (mark) => {
      const { older, current } = await settled(place);

      await older.mark(current, mark);
      await passes(older.stand, 1, PASS_MS);
      await goOn(older, HOUR_MS);

      expect(isAlive(older, current)).toBe(false);
      expect(creates(older)).toBe(1);
      await expectRest(older);
    },
  );

  test("a generation that was given up goes, and the rotation is made that it left to be made", async () => {
    const { older, current: before } = await settled(place);
    const { stand } = older;
    const given = await older.store("AWSPENDING");
    await older.mark(given, "keyturn/abandoned/");
    await stand.aws("UpdateSecretVersionStage", {
      SecretId: older.arn,
      VersionStage: "AWSPENDING",
      RemoveFromVersionId: given.versionId,
    });

    await goOn(older, 2 * HOUR_MS);
    expect(isAlive(older, given)).toBe(false);
    expect(isAlive(older, before)).toBe(true);
    await stand.clock.advance(DAY_MS);
    await goOn(older, 3 * HOUR_MS);

    expect(isAlive(older, before)).toBe(false);
    expect(creates(older)).toBe(1);
    await expectRest(older);
  });

  test("a generation that was given up before the present one was made goes, and nothing is minted", async () => {
    const { older, current: given } = await settled(place);
    const { stand, arn } = older;
    await older.mark(given, "keyturn/abandoned/");
    await stand.clock.advance(HOUR_MS);
    const current = await older.store("AWSPENDING");
    await stand.clock.advance(MINUTE_MS);
    await older.promote(current);
    await stand.aws("UpdateSecretVersionStage", {
      SecretId: arn,
      VersionStage: "AWSPREVIOUS",
      RemoveFromVersionId: given.versionId,
    });

    await goOn(older, 2 * HOUR_MS);

    expect(isAlive(older, given)).toBe(false);
    expect(creates(older)).toBe(0);
    await expectRest(older);
  });

  test("a key whose destroy came no further than its label goes, and nothing is minted", async () => {
    const { older, current } = await settled(place);
    const { stand, arn } = older;
    await stand.clock.advance(2 * HOUR_MS);
    await stand.aws("CancelRotateSecret", { SecretId: arn });
    await older.mark(current, "keyturn/destroyed/");

    await passes(stand, 4, PASS_MS);
    expect(isAlive(older, current)).toBe(false);
    const { answer } = await ask(stand, "delete", arn);

    expect(answer).toMatchObject({ status: "destroyed", debt: [] });
    expect(creates(older)).toBe(0);
    expect(records(stand, "revocation.confirmed").length).toBeGreaterThan(0);
    expect(records(stand, "key.ended").length).toBeGreaterThan(0); // its secret was kept
    expect(written(stand, "DriftFound")).toEqual([]);
  });

  test("a destroy ends both generations in an overlap", async () => {
    const { older } = await rotated(place);
    const { stand, arn } = older;
    await goOn(older, 2 * HOUR_MS);

    const { answer } = await ask(stand, "delete", arn);

    expect(answer).toMatchObject({ status: "destroyed", debt: [] });
    expect(alive(older)).toEqual([]);
    expectNoAlarm(stand);
  });

  test("a generation that was stored and never tested is given up in the end, and another one is made", async () => {
    const { older, current: before } = await settled(place);
    const pending = await older.store("AWSPENDING");

    await goOn(older, 5 * HOUR_MS);
    expect(isAlive(older, pending)).toBe(true);
    await goOn(older, 4 * HOUR_MS);
    expect(isAlive(older, pending)).toBe(false);
    expect(isAlive(older, before)).toBe(true);
    await older.stand.clock.advance(DAY_MS);
    await goOn(older, 3 * HOUR_MS);

    expect(creates(older)).toBe(1);
    await expectRest(older);
  });

  test("a first generation that was stored and never tested becomes the key", async () => {
    const older = await opened(place);
    const { stand, arn } = older;
    const first = await older.store("AWSPENDING");

    const { keyId } = await askUntilCurrent(stand, "ensure", arn);

    expect(keyId).toBe(first.keyId);
    expect(creates(older)).toBe(0);
  });
});

describe.each(["pictify", "pictograph"] as const)("a key of %s that is declared at another connection", (vendor) => {
  /** @param hasValueOfToday whether its value names its connection */
  const moved = async (hasValueOfToday: boolean, order: "before" | "after") => {
    const older = await opened({ vendor, order });
    const { stand, arn } = older;
    if (!hasValueOfToday) await older.store("AWSCURRENT");
    else expect((await ask(stand, "ensure", arn)).error).toBeUndefined();
    await stand.turnOn(arn);
    const before = await stand.currentKey(arn);
    await stand.clock.advance(HOUR_MS);
    const Tags = [{ Key: "keyturn:vendor", Value: secondConnectionOf(vendor) }];
    await stand.aws("TagResource", { SecretId: arn, Tags });
    return { older, stand, arn, before, made: creates(older) };
  };

  test.each([
    [false, "before"],
    [false, "after"],
    [true, "before"],
    [true, "after"],
  ] as const)(
    "is made there, and the old one goes after its overlap (value of today: %s, %s)",
    async (isToday, order) => {
      const { older, stand, arn, before, made } = await moved(isToday, order);

      const { answer, error } = await ask(stand, "ensure", arn);
      expect([error, answer?.connection, answer?.status]).toEqual([undefined, secondConnectionOf(vendor), "current"]);
      expect(answer?.keyId).not.toBe(before.keyId);
      expect(isActive(stand[vendor], before.keyId)).toBe(true);
      await stand.clock.advance(DAY_MS);
      await goOn(older, 3 * HOUR_MS);

      expect(creates(older) - made).toBe(1);
      await expectRest(older);
    },
  );

  test("is made there by reconcile, where no deploy does", async () => {
    const { older, stand, arn, before, made } = await moved(false, "after");

    await goOn(older, 2 * HOUR_MS);

    expect((await stand.currentKey(arn)).keyId).not.toBe(before.keyId);
    expect(isActive(stand[vendor], before.keyId)).toBe(true);
    expect(creates(older) - made).toBe(1);
  });
});
