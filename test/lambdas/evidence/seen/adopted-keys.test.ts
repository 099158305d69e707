import { describe, expect, test } from "vitest";
import { ask, storeByHand } from "../../management/asking.ts";
import { isActive, ownLabels, passes, records, written } from "../../reconciliation/passes.ts";
import { answerWith } from "../../rotation/begun.ts";
import type { VendorName } from "../../second-connection.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, type Stand } from "../../stand.ts";
import { aliveAt, callAt, createsAt, declaredAt, standWith, VENDORS } from "./vendor-keys.ts";

/* Keys that people made, and that Keyturn takes over: they may end by themselves, and their ids may be another's. */

type Key = Readonly<Record<string, unknown>> & { readonly id: string };

/** From now on lists say more of some keys. */
const sayMore = (stand: Stand, more: (key: Key) => object): void =>
  answerWith(
    stand,
    (url, { method = "GET" }) => method === "GET" && /\/api-keys\/?(\?|$)/.test(url),
    async (url, init, send) => {
      const answer = await send(url, init);
      if (!answer.ok) return answer;
      const body = (await answer.json()) as Record<string, readonly Key[]>;
      const told = (keys: readonly Key[]) => keys.map((key) => ({ ...key, ...more(key) }));
      const lists = ["apiKeys", "api_keys"].flatMap((field) => (body[field] ? [[field, told(body[field])]] : []));
      const headers = { date: answer.headers.get("date") ?? "" };
      return Response.json({ ...body, ...Object.fromEntries(lists) }, { headers });
    },
  );

const ACCESS = { pictify: "live", pictograph: "member" } as const;

/** A declared key, whose secret has the value of a key that people made; and another one of theirs. */
const handMade = async (vendor: VendorName, overlapMs = DAY_MS) => {
  const stand = await standWith({});
  const arn = await stand.declare({ ...declaredAt(vendor), overlapMs });
  const { id, value } = stand[vendor].issueKey({ name: "Production", access: ACCESS[vendor] });
  const other = stand[vendor].issueKey({ name: "Batch", access: ACCESS[vendor] });
  await stand.clock.advance(HOUR_MS);
  await storeByHand(stand, arn, { apiKey: value });
  return { stand, arn, keyId: id, apiKey: value, other };
};

const adopt = (stand: Stand, arn: string, keyId: string) => ask(stand, "adopt", arn, { keyId });

const FORMS: readonly (readonly [string, string, (ms: number) => unknown])[] = [
  ["an instant", "expires_at", (ms) => new Date(ms).toISOString()],
  ["seconds", "expiresAt", (ms) => Math.floor(ms / 1_000)],
  ["milliseconds", "expires_at", (ms) => ms],
  ["the day", "expires", (ms) => new Date(ms).toISOString().slice(0, 10)],
  ["an offset", "expiresAt", (ms) => new Date(ms + 330 * MINUTE_MS).toISOString().replace("Z", "+05:30")],
];

describe.each(VENDORS)("a key of %s that ends by itself", (vendor) => {
  /** It does end then, as the vendor says. */
  const expiring = async (inMs: number, [, field, form]: (typeof FORMS)[number], overlapMs?: number) => {
    const made = await handMade(vendor, overlapMs);
    const { stand, keyId } = made;
    const endMs = stand.clock.now() + inMs;
    sayMore(stand, ({ id }) => (id === keyId ? { [field]: form(endMs) } : {}));
    return { ...made, endMs };
  };

  test.each(FORMS)(
    "in 10 days, told by %s, is replaced before, is never refused to who reads its secret, and is told",
    async (...form) => {
      const { stand, arn, keyId, endMs } = await expiring(10 * DAY_MS, form);
      expect((await adopt(stand, arn, keyId)).error).toBeUndefined();
      expect(records(stand, "key.expires")).toHaveLength(1);
      await stand.turnOn(arn);

      while (stand.clock.now() < endMs + DAY_MS) {
        await stand.clock.advance(3 * HOUR_MS);
        if (stand.clock.now() >= endMs && isActive(stand[vendor], keyId)) stand[vendor].revokeKey(keyId);
        await passes(stand, 1);
        expect(await callAt(stand, vendor, (await stand.currentKey(arn)).apiKey)).not.toBe(401);
      }

      expect(createsAt(stand, vendor)).toBe(1);
      expect(written(stand, "KeyExpires").length).toBeGreaterThan(0);
      expect(written(stand, "CurrentKeyDead")).toEqual([]);
      const [rotation] = records(stand, "rotation.started");
      expect(Date.parse(String(rotation?.timestamp))).toBeLessThan(endMs - 7 * DAY_MS);
    },
  );

  test.each([
    [20, 24],
    [0, 24],
    [72, 72],
  ])("in %i hours is not taken over with an overlap of %i hours", async (inHours, overlapHours) => {
    const [inMs, overlapMs] = [inHours * HOUR_MS, overlapHours * HOUR_MS];
    const { stand, arn, keyId } = await expiring(
      inMs,
      ["", "expires_at", (ms) => new Date(ms).toISOString()],
      overlapMs,
    );
    const before = (await stand.facts(arn)).stages;

    expect((await adopt(stand, arn, keyId)).error).toMatch(/^EXPIRES/);
    expect((await stand.facts(arn)).stages).toEqual(before);
  });

  test.each(["in 30 days", "2026-12-24T00:00:00", "24/12/2026", 30])("at %j is told all the while", async (text) => {
    const { stand, arn, keyId } = await expiring(0, ["", "expires_at", () => text]);

    expect((await adopt(stand, arn, keyId)).error).toBeUndefined();
    await stand.turnOn(arn);
    await passes(stand, 26, HOUR_MS);

    expect(records(stand, "key.expires").length).toBeGreaterThan(20);
    expect(written(stand, "KeyExpires").length).toBeGreaterThan(20);
  });

  test("and whose rotation is off is told to a person, who has to do something", async () => {
    const { stand, arn, keyId } = await expiring(9 * DAY_MS, ["", "expires_at", (ms) => ms]);
    await adopt(stand, arn, keyId);

    await passes(stand, 26, HOUR_MS);

    expect(records(stand, "rotation.not-started").at(-1)?.reason).toMatch(/ends by itself.*turned off/);
    expect(written(stand, "DriftFound").length).toBeGreaterThan(0);
  });

  test.each([
    [30, 60, 2],
    [5, 12, 12],
  ])(
    "as all of the vendor's do after %i days, is replaced in time, in %i days %i times at most",
    async (lifeDays, days, most) => {
      const stand = await standWith({});
      const endOf = (createdAt: unknown) => Date.parse(String(createdAt)) + lifeDays * DAY_MS;
      sayMore(stand, ({ createdAt, created_at }) => ({
        expires_at: new Date(endOf(createdAt ?? created_at)).toISOString(),
      }));
      const arn = await stand.deploy(declaredAt(vendor));

      for (const endMs = stand.clock.now() + days * DAY_MS; stand.clock.now() < endMs; ) {
        await passes(stand, 1, 6 * HOUR_MS);
        for (const { id, name, createdAt, active } of stand[vendor].keys())
          if (active && name.includes("-kt-") && stand.clock.now() >= endOf(createdAt)) stand[vendor].revokeKey(id);
        expect(aliveAt(stand, vendor)).toContain((await stand.currentKey(arn)).keyId);
      }

      expect(createsAt(stand, vendor)).toBeGreaterThan(1);
      expect(createsAt(stand, vendor)).toBeLessThanOrEqual(1 + most);
    },
  );
});

describe("an adopted id whose value is another key's", () => {
  /** What a list may show of a value. */
  const SHOWN: readonly (readonly [string, (value: string) => string])[] = [
    ["its beginning", (value) => value.slice(0, 12)],
    ["its beginning with dots", (value) => `${value.slice(0, 14)}…`],
    ["its beginning with stars", (value) => `${value.slice(0, 11)}****`],
    ["its end", (value) => `…${value.slice(-4)}`],
    ["its beginning and its end", (value) => `${value.slice(0, 10)}...${value.slice(-3)}`],
  ];

  const showing = (stand: Stand, shown: (value: string) => string): void => {
    const [, ...values] = stand.pictify.issuedValues();
    const [, ...ids] = stand.pictify.keys().map(({ id }) => id);
    const byId = new Map(ids.map((id, n) => [id, values[n] ?? ""]));
    sayMore(stand, ({ id }) => (byId.has(id) ? { prefix: shown(byId.get(id) ?? "") } : {}));
  };

  test.each(SHOWN)("is refused where the vendor shows %s", async (_, shown) => {
    const { stand, arn, other } = await handMade("pictify");
    showing(stand, shown);

    expect((await adopt(stand, arn, other.id)).error).toMatch(/^KEY_NOT_FOUND.*is another/);
  });

  test.each(SHOWN)("is known to be right where the vendor shows %s, and goes when it is replaced", async (_, shown) => {
    const { stand, arn, keyId, other } = await handMade("pictify");
    showing(stand, shown);
    expect((await adopt(stand, arn, keyId)).error).toBeUndefined();
    await stand.turnOn(arn);
    await stand.rotate(arn);

    await stand.clock.advance(DAY_MS);
    await passes(stand, 30);

    expect(isActive(stand.pictify, keyId)).toBe(false);
    expect(isActive(stand.pictify, other.id)).toBe(true);
    expect(await ownLabels(stand, arn)).toEqual([]);
    expect(written(stand, "RevokeByHand")).toEqual([]);
  });

  test.each<[string, (value: string) => string]>([
    ["nothing", () => ""],
    ["what all keys begin with", () => "pk_live_"],
    ["stars", () => "pk_live_********"],
  ])(
    "is taken, and said to be unproven, where the vendor shows %s; neither key is ever revoked on its word",
    async (_, shown) => {
      const { stand, arn, keyId, other } = await handMade("pictify");
      showing(stand, shown);

      expect((await adopt(stand, arn, other.id)).error).toBeUndefined();
      expect(records(stand, "key.adopted")[0]?.reason).toMatch(/does not show that the value is the one of this id/);
      await stand.turnOn(arn);
      await stand.rotate(arn);
      await stand.clock.advance(DAY_MS);
      await passes(stand, 30);

      expect([isActive(stand.pictify, keyId), isActive(stand.pictify, other.id)]).toEqual([true, true]);
      expect(records(stand, "key.revoke-by-hand")[0]).toMatchObject({ keyId: other.id });
      expect(await ownLabels(stand, arn)).toHaveLength(1);
    },
  );
});
