import { expect, test } from "vitest";
import type { WatchedKey } from "../../sandbox/demo/key-watch.ts";
import { keysSummary, type Summary, summaryText, table } from "../../sandbox/demo/summary.ts";

const MINTED_MS = Date.UTC(2026, 10, 21, 12, 30, 15);

const keys = keysSummary([
  {
    name: "web",
    vendor: "pictify",
    generations: [
      {
        keyId: "key_1",
        keyName: "web-kt-0123abcd-0123456789",
        mintedAtMs: MINTED_MS,
        promotedAtMs: MINTED_MS + 1_000,
        lastUsedAtMs: undefined,
        revokedAtMs: undefined,
        active: true,
      },
    ],
  } as unknown as WatchedKey,
]);

test("times are ISO 8601 UTC, and null where nobody tells them", () => {
  expect(keys).toEqual([
    {
      name: "web",
      vendor: "pictify",
      generations: [
        {
          keyId: "key_1",
          mintedAt: "2026-11-21T12:30:15.000Z",
          promotedAt: "2026-11-21T12:30:16.000Z",
          lastUsedAt: null,
          revokedAt: null,
        },
      ],
    },
  ]);
});

test("the summary for people has a row for each generation, change, workload and call", () => {
  const summary: Summary = {
    ok: true,
    keys,
    changes: [{ name: "web", change: "name: site → web", how: "in place", keyId: "key_1" }],
    workloads: [{ name: "web", requests: 12, failures: 0, throttled: 3 }],
    vendorCalls: [{ vendor: "pictify", operation: "render image", count: 12 }],
    leaks: 0,
    deferred: false,
  };
  const rows = summaryText(summary).split("\n");
  expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
    ["key", "vendor", "key id", "minted", "promoted", "last used", "revoked"],
    ["web", "pictify", "key_1", "12:30:15", "12:30:16", "-", "-"],
    [""],
    ["change of", "what", "how", "key id"],
    ["web", "name: site → web", "in place", "key_1"],
    [""],
    ["workload of", "requests", "failures", "throttled"],
    ["web", "12", "0", "3"],
    [""],
    ["vendor", "call", "count"],
    ["pictify", "render image", "12"],
  ]);
});

test("columns are as wide as their widest cell", () => {
  expect(
    table([
      ["a", "b"],
      ["long cell", "c"],
    ]),
  ).toBe("a          b\nlong cell  c");
});
