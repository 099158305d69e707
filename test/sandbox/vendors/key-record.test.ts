import { expect, test } from "vitest";
import { KeyStore } from "../../../sandbox/vendors/key-store.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";
import { HOUR_MS, SECOND_MS } from "./vendor-calls.ts";

const SETTINGS = {
  propagationMs: 0,
  revocationMs: 0,
  usageDelayMs: 10 * SECOND_MS,
  usageResolutionMs: 0,
  usageStopsAtMs: Number.POSITIVE_INFINITY,
  clockSkewMs: 0,
  revokedKeysListed: true,
};
const DRAFT = { id: "id", value: "value", organizationId: "team", name: "web", access: "live", expiresAtMs: null };

test("the last use is still shown after so many calls that older ones were forgotten", async () => {
  const clock = new VirtualClock();
  const store = new KeyStore({ ...SETTINGS, clock });
  const key = store.issue(DRAFT);
  for (let hour = 0; hour < 24 * 30; hour++) {
    await clock.advance(HOUR_MS);
    store.noteUse(key);
  }
  const usedAtMs = clock.now();
  await clock.advance(10 * SECOND_MS);

  expect(store.snapshot(key)?.lastUsedAtMs).toBe(usedAtMs);
  expect(key.usedAtMs.length).toBeLessThan(24 * 3);
});

test("an old use of a key that was not used again is never forgotten", async () => {
  const clock = new VirtualClock();
  const store = new KeyStore({ ...SETTINGS, clock });
  const key = store.issue(DRAFT);
  store.noteUse(key);
  await clock.advance(HOUR_MS);
  store.noteUse(key);
  const usedAtMs = clock.now();
  await clock.advance(90 * 24 * HOUR_MS);
  store.noteUse(key);

  expect(store.snapshot(key)?.lastUsedAtMs).toBe(usedAtMs);
});

test("what was shown when the reporting stopped is shown for as long as it stands still, however much the key is used", async () => {
  const clock = new VirtualClock();
  const store = new KeyStore({ ...SETTINGS, clock });
  const key = store.issue(DRAFT);
  store.noteUse(key);
  const usedAtMs = clock.now();
  store.stopUsage(usedAtMs);
  for (let hour = 0; hour < 24 * 30; hour++) {
    await clock.advance(HOUR_MS);
    store.noteUse(key);
  }
  const shown = store.snapshot(key)?.lastUsedAtMs;
  store.stopUsage(Number.POSITIVE_INFINITY);
  await clock.advance(10 * SECOND_MS);

  expect(shown).toBe(usedAtMs);
  expect(store.snapshot(key)?.lastUsedAtMs).toBe(clock.now() - 10 * SECOND_MS);
});

test("a last use that is moved on once an hour is at most an hour behind the truth, and never ahead of it", async () => {
  const clock = new VirtualClock();
  const store = new KeyStore({ ...SETTINGS, clock, usageDelayMs: 0, usageResolutionMs: HOUR_MS });
  const key = store.issue(DRAFT);
  const shown = new Set<number>();
  for (let minute = 0; minute < 60 * 5; minute++) {
    store.noteUse(key);
    const shownMs = store.snapshot(key)?.lastUsedAtMs ?? Number.NaN;
    shown.add(shownMs);
    expect(clock.now() - shownMs).toBeGreaterThanOrEqual(0);
    expect(clock.now() - shownMs).toBeLessThan(HOUR_MS);
    await clock.advance(60 * SECOND_MS);
  }

  expect(shown.size).toBe(5);
  expect(store.facts()[0]?.lastUsedAt).toBe(new Date(clock.now() - 60 * SECOND_MS).toISOString());
});
