import { expect, test } from "vitest";
import type { VendorKeyFacts } from "../../lambdas/contracts/inspect.ts";
import type { Client } from "../../provider/client.ts";
import { vendorKeys } from "../../provider/vendor-keys.ts";
import { VirtualClock } from "../../sandbox/virtual-clock.ts";

const NOW = "2026-11-22T12:00:00.000Z";

/** What the data source says of keys that the service tells of. */
const read = (keys: readonly VendorKeyFacts[], slotsLeft?: number) => {
  const answer = { protocol: 1, keys: [...keys], ...(slotsLeft !== undefined && { slotsLeft }) };
  const client = { clock: new VirtualClock(Date.parse(NOW)), service: { vendorKeys: async () => answer } };
  return vendorKeys.read(client as unknown as Client, { vendor: "pictify" });
};

const key = (more: Partial<VendorKeyFacts> = {}): VendorKeyFacts => ({
  keyId: "key-1",
  name: "bob's key",
  owner: "unmanaged",
  ...more,
});

test.each([
  ["2026-11-22T11:59:59.000Z", 0],
  ["2026-11-21T12:00:00.001Z", 0],
  ["2026-11-21T12:00:00.000Z", 1],
  ["2025-11-22T12:00:00Z", 365],
  ["2026-11-22T12:03:00.000Z", 0], // the vendor's clock is ahead of ours
  ["some day", null],
  [undefined, null],
])("a key made at %s is %s days old", async (createdAt, days) => {
  const { keys } = await read([key(createdAt === undefined ? {} : { createdAt })]);

  expect(keys).toMatchObject([{ age_days: days }]);
});

test("keys come by id, so that another order of the vendor's is no change", async () => {
  const { keys } = await read([key({ keyId: "b" }), key({ keyId: "c" }), key({ keyId: "a" })]);

  expect(keys).toMatchObject([{ key_id: "a" }, { key_id: "b" }, { key_id: "c" }]);
});

test("every fact of a managed key is told, and what is not known is null", async () => {
  const used = "2026-11-22T08:00:00.000Z";
  const managed = key({ owner: "managed", secretName: "keyturn/prod/web", createdAt: NOW, lastUsedAt: used });

  expect(await read([managed, key({ keyId: "key-2" })], 4)).toEqual({
    vendor: "pictify",
    slots_left: 4,
    keys: [
      {
        key_id: "key-1",
        name: "bob's key",
        owner: "managed",
        secret_name: "keyturn/prod/web",
        created_at: NOW,
        age_days: 0,
        last_used_at: used,
      },
      {
        key_id: "key-2",
        name: "bob's key",
        owner: "unmanaged",
        secret_name: null,
        created_at: null,
        age_days: null,
        last_used_at: null,
      },
    ],
  });
});

test("a plan without a limit has no number of slots", async () => {
  expect(await read([])).toMatchObject({ keys: [], slots_left: null });
});
