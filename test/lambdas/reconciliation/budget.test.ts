import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { budgetPerHour, leftOf, lookEveryMs, spendOne } from "../../../lambdas/reconciliation/observe/budget.ts";
import { createStand, DAY_MS, HOUR_MS, MINUTE_MS, type Stand } from "../stand.ts";
import { callWith, isActive, passes, retag, unlimited, written } from "./passes.ts";

const PASS_MS = 5 * MINUTE_MS;

const requestsOf = ({ pictify }: Stand): number => pictify.calls().reduce((sum, { count }) => sum + count, 0);

describe("a budget", () => {
  test.each([
    ["free", 100],
    ["pro", 1_000],
    ["business", 10_000],
    ["enterprise", 1_000],
  ])("of the plan %s is a tenth of what the plan allows a day: %i requests", (plan, perDay) => {
    const requestsPerDay = { free: 1_000, pro: 10_000, business: 100_000 };
    expect(budgetPerHour({ requestsPerDay }, { plan })).toBeCloseTo(perDay / 24);
  });

  test("is what the connection declares, where it does", () => {
    expect(budgetPerHour({ requestsPerDay: {} }, { plan: "enterprise", reconcileRequestsPerDay: 48 })).toBe(2);
  });

  test("lets no more be spent in any time than it pays for, and what was saved before", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 500, noNaN: true }),
        fc.array(fc.integer({ min: 0, max: 3 * HOUR_MS }), { maxLength: 60 }),
        (perHour, waitsMs) => {
          let nowMs = 0;
          let purse = spendOne(perHour, undefined, nowMs);
          let spent = 1;
          for (const waitMs of waitsMs) {
            nowMs += waitMs;
            while (leftOf(perHour, purse, nowMs) > 0) {
              purse = spendOne(perHour, purse, nowMs);
              spent++;
            }
          }
          expect(spent).toBeLessThanOrEqual(
            Math.max(6 * perHour, 12) + (nowMs / HOUR_MS) * perHour + waitsMs.length + 1,
          );
        },
      ),
    );
  });

  test.each<[string, number, number, number]>([
    ["a free plan's looks once an hour", 100 / 24, 1, HOUR_MS],
    ["a pro plan's every quarter of an hour", 1_000 / 24, 1, 15 * MINUTE_MS],
    ["a business plan's in each pass", 10_000 / 24, 1, PASS_MS],
    ["a business plan's, with a thousand keys, in each pass but one", 10_000 / 24, 1_000, 10 * MINUTE_MS],
    ["nobody's more rarely than once an hour", 1, 10_000, HOUR_MS],
  ])("pays for %s", (_, perHour, keys, everyMs) => {
    expect(lookEveryMs(perHour, keys, PASS_MS)).toBe(everyMs);
  });
});

test("a key that somebody revoked at the vendor is told in the next pass, where the budget pays for it", async () => {
  const stand = await createStand({ connections: { pictify: { plan: "business" } } });
  const { keyId } = await stand.currentKey(await stand.deploy());
  await stand.clock.advance(DAY_MS);
  await passes(stand, 2);
  stand.pictify.revokeKey(keyId);

  await passes(stand, 1);

  expect(written(stand, "CurrentKeyDead")).toEqual([1]);
});

/** Within a day the hourly listing is 48 of them, which the budget does not hold back; and a quarter of a day's budget may have been saved. */
const OF_A_DAY = 100 + 48 + 25;
/** So often, ever more rarely, the end of a compromised key is asked for all the same. */
const OF_URGENT = 100;

test.each<[string, number, (stand: Stand, arn: string) => Promise<unknown>]>([
  ["a replaced key", OF_A_DAY, async (stand, arn) => stand.rotate(arn)],
  [
    "a compromised key",
    OF_A_DAY + OF_URGENT,
    (stand, arn) => stand.invoke("manage", { action: "compromised", secretId: arn }),
  ],
])("a revocation of %s that fails for a day takes no more than %i requests of a free plan", async (_, most, begin) => {
  const stand = await unlimited({ connections: { pictify: { reconcileRequestsPerDay: 100 } } });
  const arn = await stand.deploy();
  const { keyId } = await stand.currentKey(arn);
  await stand.clock.advance(DAY_MS);
  await begin(stand, arn);
  await stand.clock.run(stand.account.secretsManager.idle());
  await stand.clock.advance(DAY_MS);
  stand.pictify.hostile.next("revoke", "unavailable", Number.POSITIVE_INFINITY);
  const before = requestsOf(stand);

  await passes(stand, DAY_MS / PASS_MS);
  expect(requestsOf(stand) - before).toBeLessThanOrEqual(most);
  expect(isActive(stand.pictify, keyId)).toBe(true);

  stand.pictify.hostile.clear();
  await passes(stand, (2 * DAY_MS) / PASS_MS);
  expect(isActive(stand.pictify, keyId)).toBe(false);
});

/** An hour has one or two passes that list in any case, and each meets the limit as often as it may: four times. */
const OF_THROTTLED = 24 * 1.5 * 4;

test("a vendor that throttles each list for a day, and says that it is for seconds, is asked no more often for that", async () => {
  const stand = await unlimited({ connections: { pictify: { reconcileRequestsPerDay: 1 } } });
  await stand.deploy();
  await stand.clock.advance(DAY_MS);
  stand.pictify.hostile.next("list", { kind: "rate-limited", retryAfterSeconds: 5 }, Number.POSITIVE_INFINITY);
  const before = requestsOf(stand);

  await passes(stand, DAY_MS / PASS_MS);

  expect(requestsOf(stand) - before).toBeLessThanOrEqual(OF_THROTTLED);
});

test("a key that has moved, and is still used, costs the connection that it left no more than its budget", async () => {
  const perDay = 12;
  const stand = await unlimited({ connections: { pictify: { reconcileRequestsPerDay: perDay } } });
  const arn = await stand.deploy();
  const { keyId, apiKey } = await stand.currentKey(arn);
  await stand.aws("UntagResource", { SecretId: arn, TagKeys: ["keyturn:type"] });
  await retag(stand, arn, { "keyturn:vendor": "pictograph", "keyturn:role": "member" });
  await stand.clock.run(stand.invoke("manage", { action: "ensure", secretId: arn }));
  await stand.clock.advance(DAY_MS);
  const before = requestsOf(stand);

  for (let hour = 0; hour < 24; hour++) {
    await callWith(stand, apiKey);
    await passes(stand, HOUR_MS / PASS_MS);
  }

  // Those of the workload, the hourly listings of two requests, and what was saved.
  expect(requestsOf(stand) - before).toBeLessThanOrEqual(24 + 24 * 1.5 * 2 + perDay + 12);
  expect(isActive(stand.pictify, keyId)).toBe(true);
  await passes(stand, (2 * DAY_MS) / PASS_MS);
  expect(isActive(stand.pictify, keyId)).toBe(false);
});

test("what a vendor's limit has left for the urgent is left alone by a plan", async () => {
  const stand = await createStand({ pictify: { rateLimit: { requestsPerMinute: 60, requestsPerDay: 40 } } });
  const arn = await stand.deploy();
  const { apiKey } = await stand.currentKey(arn);
  await callWith(stand, apiKey);
  const asked = [];
  for (let n = 0; n < 40; n++) asked.push(await stand.invoke("inspect", { action: "list", protocol: 3 }));

  const last = asked.at(-1)?.answer as { keys: { notTold?: string; status: string }[] };
  expect(last.keys[0]).toMatchObject({ status: "current" });
  expect(last.keys[0]?.notTold).toMatch(/kept for what is urgent/);
});
