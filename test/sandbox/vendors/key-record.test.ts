import { expect, test } from "vitest";
import { KeyStore } from "../../../sandbox/vendors/key-store.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";
import { HOUR_MS, SECOND_MS } from "./vendor-calls.ts";

const SETTINGS = {
  propagationMs: 0,
  revocationMs: 0,
  usageDelayMs: 10 * SECOND_MS,
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
