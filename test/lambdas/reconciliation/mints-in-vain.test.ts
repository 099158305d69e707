import { describe, expect, test } from "vitest";
import type { ModelParameters } from "../../../sandbox/secrets-manager/index.ts";
import { answerWith } from "../rotation/begun.ts";
import { HOUR_MS, MINUTE_MS, mintedKeys, type Stand } from "../stand.ts";
import { declaredAt, IN_VAIN, VENDOR_NAMES, type VendorName } from "./mint-faults.ts";
import { ownLabels, passes, records, retag, unlimited, written } from "./passes.ts";

/** Passes come every hour, so that weeks are short. */
const INTERVAL_MS = HOUR_MS;
const DAY = (24 * HOUR_MS) / INTERVAL_MS;

const pass = (stand: Stand, count: number): Promise<void> => passes(stand, count, INTERVAL_MS);

const slowly = (parameters: Partial<ModelParameters> = {}): Promise<Stand> =>
  unlimited({ parameters, grants: { reconcileInterval: "PT1H" } });

const made = (stand: Stand, vendor: VendorName): number =>
  stand[vendor].keys().filter(({ name }) => name.includes("-kt-")).length;

const asked = (stand: Stand, vendor: VendorName): number =>
  stand[vendor].calls().find(({ operation }) => operation === "create")?.count ?? 0;

/** Creates that are asked for on each of some days. @param start what happens at first */
const daily = async (
  stand: Stand,
  vendor: VendorName,
  days: number,
  start: () => unknown = () => {},
): Promise<readonly number[]> => {
  const counts: number[] = [];
  for (let day = 0; day < days; day++) {
    const before = asked(stand, vendor);
    if (day === 0) await start();
    await pass(stand, DAY);
    counts.push(asked(stand, vendor) - before);
  }
  return counts;
};

const deployed = async (vendor: VendorName, parameters: Partial<ModelParameters> = {}) => {
  const stand = await slowly(parameters);
  const arn = await stand.deploy(declaredAt[vendor]);
  await stand.clock.advance(HOUR_MS);
  return { stand, arn };
};

/** A handful on the first day, and ever fewer. */
const expectBraked = ([first = 0, ...later]: readonly number[]): void => {
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(9);
  for (const count of later) expect(count).toBeLessThan(3);
  expect(later.reduce((sum, count) => sum + count, 0)).toBeLessThan(9);
};

const OTHER_ACCESS = {
  pictify: { "keyturn:type": "test" },
  pictograph: { "keyturn:role": "viewer" },
} as const;

/** What asks for a replacement. */
const STARTS: Readonly<Record<string, (stand: Stand, arn: string, vendor: VendorName) => Promise<unknown>>> = {
  "a rotation that a person started": (stand, arn) => stand.rotate(arn),
  "a current key that died": async (stand, arn, vendor) => stand[vendor].revokeKey((await stand.currentKey(arn)).keyId),
  "one that died while its rotation is turned off": async (stand, arn, vendor) => {
    await stand.aws("CancelRotateSecret", { SecretId: arn });
    stand[vendor].revokeKey((await stand.currentKey(arn)).keyId);
  },
  "a compromised key": (stand, arn) => stand.invoke("manage", { action: "compromised", secretId: arn }),
  "another declaration": (stand, arn, vendor) => {
    answerWith(
      stand,
      (_, { method }) => method === "PATCH",
      async () => new Response("{}", { status: 404 }),
    );
    return retag(stand, arn, OTHER_ACCESS[vendor]);
  },
};

describe.each(VENDOR_NAMES)("at %s", (vendor) => {
  describe.each(Object.entries(IN_VAIN))("where %s", (_, begin) => {
    test.each(Object.entries(STARTS))("days of mints are a handful, for %s", async (_, start) => {
      const { stand, arn } = await deployed(vendor);

      begin(stand);

      expectBraked(await daily(stand, vendor, 3, () => start(stand, arn, vendor)));
    });

    test("so it is for a first generation that nobody asks for any more", async () => {
      const stand = await slowly();
      begin(stand);
      await stand.declare(declaredAt[vendor]);

      expectBraked(await daily(stand, vendor, 3));
    });
  });

  test("what comes to nothing is taken back, as far as the vendor says what it made", async () => {
    for (const why of ["new keys are refused", "the vendor makes something else", "values find no room"]) {
      const { stand, arn } = await deployed(vendor);
      IN_VAIN[why]?.(stand);
      await stand.rotate(arn);
      await pass(stand, 2 * DAY);
      await stand.clock.advance(MINUTE_MS);

      expect(mintedKeys(stand[vendor]).length).toBeLessThan(3);
      expect(made(stand, vendor)).toBeGreaterThan(3);
    }
  });
});

const REFUSED = "new keys are refused";
const ELSE = "the vendor makes something else";

/** A key whose mints have come to nothing for half a day; the vendor may be mended. */
const failing = async (why: string, parameters: Partial<ModelParameters> = {}) => {
  const { stand, arn } = await deployed("pictify", parameters);
  const { world } = stand.account;
  IN_VAIN[why]?.(stand);
  await stand.rotate(arn);
  await pass(stand, DAY / 2);
  const mend = () => {
    Object.assign(stand.account, { world });
    stand.anotherService("prod");
  };
  return { stand, arn, mend };
};

describe("while the last mints came to nothing", () => {
  test("a person who asks gets a try each time", async () => {
    const { stand, arn } = await failing(ELSE);
    const before = asked(stand, "pictify");

    for (let n = 1; n <= 3; n++) {
      await stand.rotate(arn);
      expect(asked(stand, "pictify")).toBe(before + n);
      await stand.clock.advance(10 * MINUTE_MS);
    }
  });

  test("so does one who declares the key otherwise", async () => {
    const { stand, arn } = await failing(REFUSED);
    await retag(stand, arn, OTHER_ACCESS.pictify);
    const before = asked(stand, "pictify");

    await stand.invoke("manage", { action: "update", secretId: arn });
    await stand.clock.advance(MINUTE_MS);

    expect(asked(stand, "pictify")).toBe(before + 1);
  });

  test("a person is told at each pass, since when and until when, and the alarm stays up", async () => {
    const { stand } = await failing(REFUSED);
    const told = records(stand, "mints.in-vain");
    const before = written(stand, "DriftFound").length;

    await pass(stand, 3);

    expect(records(stand, "mints.in-vain").length).toBe(told.length + 3);
    expect(told.at(-1)).toMatchObject({ reason: expect.stringMatching(/since 2026-.*last at 2026-.*From 2026-/) });
    expect(written(stand, "DriftFound").length).toBe(before + 3);
  });

  test("the secret has no more than two labels for them, however many they are", async () => {
    const { stand, arn } = await failing(ELSE);
    for (let n = 0; n < 5; n++) {
      await stand.rotate(arn);
      await stand.clock.advance(HOUR_MS);
    }

    expect((await ownLabels(stand, arn)).filter((label) => label.startsWith("keyturn/in-vain/"))).toHaveLength(2);
  });

  test("a vendor that is well again is found so by the next try, and nothing is left of it", async () => {
    const { stand, arn, mend } = await failing(REFUSED);
    const { keyId } = await stand.currentKey(arn);

    mend();
    await pass(stand, 2 * DAY);
    const labels = await ownLabels(stand, arn);

    expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
    expect(labels.filter((label) => !label.startsWith("keyturn/retir"))).toEqual([]);
    expect(mintedKeys(stand.pictify)).toHaveLength(1);
  });

  test("a rotation by hand that succeeds ends it at once", async () => {
    const { stand, arn, mend } = await failing(REFUSED);

    mend();
    await stand.rotate(arn);

    expect(await ownLabels(stand, arn)).toEqual([expect.stringMatching(/^keyturn\/retiring\//)]);
  });

  test("a value of somebody's own is left to them", async () => {
    const { stand, arn, mend } = await failing(REFUSED, { reattemptEveryMs: null });
    mend();
    await stand.aws("PutSecretValue", { SecretId: arn, SecretString: '{"apiKey":"theirs"}' });
    const before = asked(stand, "pictify");

    await pass(stand, 2 * DAY);

    expect(asked(stand, "pictify")).toBe(before);
  });
});

test("one mint that comes to nothing is tried again within minutes, and calls nobody", async () => {
  const stand = await unlimited();
  const arn = await stand.deploy(declaredAt.pictograph);
  await stand.clock.advance(HOUR_MS);
  stand.pictograph.hostile.next("create", { kind: "activate-late", delayMs: HOUR_MS });
  const { keyId } = await stand.currentKey(arn);

  await stand.rotate(arn);
  await passes(stand, 9);

  expect((await stand.currentKey(arn)).keyId).not.toBe(keyId);
  expect(written(stand, "DriftFound")).toEqual([]);
});

test("a secret keeps labels to spare in weeks of mints that nobody can name", async () => {
  const { stand, arn } = await deployed("pictify");
  IN_VAIN["creates are answered without an id, and lists stand still"]?.(stand);
  stand.pictify.revokeKey((await stand.currentKey(arn)).keyId);

  const counts = await daily(stand, "pictify", 25);

  expect((await ownLabels(stand, arn)).length).toBeLessThan(10);
  for (const count of counts.slice(1)) expect(count).toBeLessThan(3);
});

describe("whatever Secrets Manager does with a rotation that failed", () => {
  const PARAMETERS: Readonly<Record<string, Partial<ModelParameters>>> = {
    "retries it with another version": { retryToken: "new" },
    "takes AWSPENDING off": { pendingAfterLastFailure: "removed" },
    "never retries": { retryDelaysMs: [], reattemptEveryMs: null },
  };
  test.each(Object.entries(PARAMETERS))("mints end where AWS %s", async (_, parameters) => {
    const { stand, arn } = await deployed("pictograph", parameters);
    IN_VAIN[ELSE]?.(stand);
    stand.pictograph.revokeKey((await stand.currentKey(arn)).keyId);

    expectBraked(await daily(stand, "pictograph", 4));
  });
});

test.each(VENDOR_NAMES)("at %s, passes every five minutes mint no more in a week", async (vendor) => {
  const stand = await unlimited();
  const arn = await stand.deploy(declaredAt[vendor]);
  const before = asked(stand, vendor);
  IN_VAIN[ELSE]?.(stand);

  await stand.rotate(arn);
  await passes(stand, 7 * 24 * 12);

  expect(asked(stand, vendor) - before).toBeLessThan(15);
});
