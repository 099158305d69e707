import { describe, expect, test } from "vitest";
import { ask, askUntilCurrent, expecting } from "../management/asking.ts";
import { answerWith } from "../rotation/begun.ts";
import { HOUR_MS, MINUTE_MS, mintedKeys, type Stand } from "../stand.ts";
import {
  changeLists,
  declaredAt,
  type Key,
  VENDOR_NAMES,
  type VendorName,
  withAccess,
  wordAccess,
  wordNames,
} from "./mint-faults.ts";
import { look, ownLabels, passes, records, retag, unlimited, written } from "./passes.ts";

const DAY = 24 * 12;

const made = (stand: Stand, vendor: VendorName): number =>
  stand[vendor].keys().filter(({ name }) => name.includes("-kt-")).length;

const deployed = async (vendor: VendorName) => {
  const stand = await unlimited();
  const arn = await stand.deploy(declaredAt[vendor]);
  await stand.clock.advance(HOUR_MS);
  return { stand, arn };
};

describe.each(VENDOR_NAMES)("at %s, whose lists have words of their own", (vendor) => {
  test.each([
    ["a type or role", wordAccess],
    ["names", wordNames],
  ])("for %s, a key is replaced once, and then a person is told", async (_, word) => {
    const { stand, arn } = await deployed(vendor);

    word(stand);
    await passes(stand, 3 * DAY);
    const before = records(stand, "drift.found").length;
    await look(stand);

    expect(made(stand, vendor)).toBe(2);
    expect(mintedKeys(stand[vendor])).toHaveLength(1);
    expect(records(stand, "drift.found").slice(before)).toMatchObject([
      { secretName: expect.any(String), reason: expect.stringContaining("another one would not help") },
    ]);
    expect(written(stand, "DriftFound").length).toBeGreaterThan(24);
    expect(await ownLabels(stand, arn)).toEqual([expect.stringMatching(/^keyturn\/listed-otherwise\//)]);
  });

  test("each rotation that somebody asks for is one, and no more", async () => {
    const { stand, arn } = await deployed(vendor);
    wordAccess(stand);
    await passes(stand, DAY);
    const before = made(stand, vendor);

    await stand.rotate(arn);
    await passes(stand, 2 * DAY);

    expect(made(stand, vendor)).toBe(before + 1);
  });

  test("a deploy, however often, mints nothing more, and sees the key as declared", async () => {
    const { stand, arn } = await deployed(vendor);
    wordAccess(stand);
    await passes(stand, DAY);
    const before = made(stand, vendor);

    for (const action of ["ensure", "update", "ensure"]) {
      const { answer, error } = await ask(stand, action, arn, { expected: expecting(declaredAt[vendor]) });
      expect(error).toBeUndefined();
      expect(answer).toMatchObject({ status: "current", ...expecting(declaredAt[vendor]) });
    }

    expect(made(stand, vendor)).toBe(before);
  });

  test("a key that is declared otherwise is replaced for that", async () => {
    const { stand, arn } = await deployed(vendor);
    wordAccess(stand);
    await passes(stand, DAY);
    const other = vendor === "pictify" ? { "keyturn:type": "test" } : { "keyturn:role": "viewer" };
    const before = made(stand, vendor);

    await retag(stand, arn, other);
    await passes(stand, 2 * DAY);

    const { SecretString } = await stand.aws<{ SecretString: string }>("GetSecretValue", { SecretId: arn });
    expect(JSON.parse(SecretString)).toMatchObject(vendor === "pictify" ? { type: "test" } : { role: "viewer" });
    expect(made(stand, vendor) - before).toBeGreaterThan(0);
    expect(made(stand, vendor) - before).toBeLessThan(3); // one of its own, and one that shows the vendor's words for it
  });
});

/** A vendor at which somebody changes a key by hand, and nothing can be changed in place. */
const changedByHand = async (vendor: VendorName) => {
  const { stand, arn } = await deployed(vendor);
  const by = { hand: "" };
  const other = (key: Key): Key => withAccess(key, "test", "viewer");
  changeLists(stand, (key) => (key.id === by.hand ? other(key) : key));
  answerWith(
    stand,
    (_, { method }) => method === "PATCH",
    async () => new Response("{}", { status: 404 }),
  );
  const change = async () => {
    by.hand = (await stand.currentKey(arn)).keyId;
  };
  return { stand, arn, change };
};

describe.each(VENDOR_NAMES)("at %s, a key that somebody changed by hand", (vendor) => {
  test("is replaced, each time", async () => {
    const { stand, arn, change } = await changedByHand(vendor);

    for (let times = 1; times <= 3; times++) {
      const { keyId } = await stand.currentKey(arn);
      await change();
      await passes(stand, 30);
      expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
      expect(made(stand, vendor)).toBe(1 + times);
    }
    await passes(stand, 2 * DAY);

    expect(await ownLabels(stand, arn)).toEqual([]);
    expect(written(stand, "DriftFound")).toEqual([]);
  });

  test("is replaced by a deploy, too", async () => {
    const { stand, arn, change } = await changedByHand(vendor);
    const { keyId } = await stand.currentKey(arn);
    await change();

    await ask(stand, "update", arn);
    await stand.clock.advance(2 * MINUTE_MS);
    const answer = await askUntilCurrent(stand, "ensure", arn);

    expect(answer.keyId).not.toBe(keyId);
    expect(answer).toMatchObject(expecting(declaredAt[vendor]));
    expect(made(stand, vendor)).toBe(2);
  });
});
