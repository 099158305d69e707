import { describe, expect, test } from "vitest";
import { Redacted } from "../../../lambdas/redacted.ts";
import { identify } from "../../../lambdas/rotation/identify.ts";
import type { Rotation } from "../../../lambdas/rotation/rotation.ts";
import type { VendorKey } from "../../../lambdas/vendors/vendor.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";

const NAME = "web-kt-0a1b2c3d-0123456789";
const NOW_MS = Date.UTC(2026, 10, 22, 14, 5, 6, 789);
const MINUTE_MS = 60_000;
const VALUE = new Redacted("pk_live_abc1d2e3f4g5h6i7j8k9l0m1n2o3x4Fz");

const key = (id: string, more: Partial<VendorKey> = {}): VendorKey => ({
  id,
  name: NAME,
  active: true,
  lastUse: "never",
  ...more,
});

interface Given {
  /** What is listed before the mint. */
  readonly before?: readonly VendorKey[];
  /** What is listed at each look; the last one goes on. */
  readonly looks: readonly (readonly VendorKey[])[];
  readonly revokedIds?: readonly string[];
  readonly replays?: boolean;
  readonly remainingMs?: number;
}

/** @returns the id, or the error's code, and how many looks it took */
const identified = async ({ before = [], looks, revokedIds = [], replays = false, remainingMs = 300_000 }: Given) => {
  const clock = new VirtualClock(NOW_MS);
  let asked = 0;
  const list = async () => ({ keys: looks[Math.min(asked++, looks.length - 1)] ?? [] });
  const rotation = {
    invocation: { clock, remainingMs: () => NOW_MS + remainingMs - clock.now() },
    vendor: { vendor: { replaysCreate: replays }, list },
    keyName: NAME,
  } as unknown as Rotation;
  const vendorNowMs = NOW_MS - (NOW_MS % 1_000);
  const one = { minted: { value: VALUE }, revokedIds, before: { keys: before, vendorNowMs } };
  const found = await clock.run(
    identify(rotation, one).then(
      ({ id }) => id,
      (error) => error.code,
    ),
  );
  return { found, asked, tookMs: clock.now() - NOW_MS };
};

const lost = key("lost", { createdAtMs: NOW_MS - MINUTE_MS });
const mine = key("mine", { createdAtMs: NOW_MS + 100 });
const aliens = [key("other", { name: "web" }), key("gone", { active: false })];

describe("of the listed keys of its name a minted value's is", () => {
  test.each<[string, Given, string]>([
    ["the only one", { looks: [[...aliens, mine]] }, "mine"],
    ["the one that was not listed before", { before: [lost], looks: [[lost, mine]] }, "mine"],
    [
      "that, also where no time of making is told",
      { before: [key("lost")], looks: [[key("lost"), key("mine")]] },
      "mine",
    ],
    ["the one that was made since", { looks: [[lost, mine]] }, "mine"],
    [
      "the one that was made since, by the day",
      { looks: [[lost, key("mine", { createdAtMs: Date.UTC(2026, 10, 22) })]] },
      "mine",
    ],
    [
      "the one that was made since, by the minute",
      { looks: [[lost, key("mine", { createdAtMs: Date.UTC(2026, 10, 22, 14, 5) })]] },
      "mine",
    ],
    [
      "the one that was made since, by the second",
      { looks: [[lost, key("mine", { createdAtMs: Date.UTC(2026, 10, 22, 14, 5, 6) })]] },
      "mine",
    ],
    [
      "the one that its beginning fits",
      { looks: [[key("twin", { prefix: "pk_live_zzz9" }), key("mine", { prefix: "pk_live_abc1" })]] },
      "mine",
    ],
    [
      "that one, also where another one was made since",
      { looks: [[mine, key("shown", { prefix: "pk_live_abc1", createdAtMs: NOW_MS })]] },
      "shown",
    ],
    ["the one that is listed later", { before: [lost], looks: [[lost], [lost], [lost], [lost, mine]] }, "mine"],
    ["an older one where the vendor repeats answers", { before: [lost], looks: [[lost]], replays: true }, "lost"],
    [
      "but not before a newer one had time to be listed",
      { before: [lost], looks: [[lost], [lost, mine]], replays: true },
      "mine",
    ],
    [
      "nor one that was revoked",
      { before: [lost], looks: [[lost]], revokedIds: ["lost"], replays: true },
      "MINT_UNKNOWN",
    ],
    ["none, where that is a lost one", { before: [lost], looks: [[lost]] }, "MINT_UNKNOWN"],
    ["none, where its beginning is another's", { looks: [[key("twin", { prefix: "pk_live_zzz9" })]] }, "MINT_UNKNOWN"],
    ["none, where it may be either", { looks: [[mine, key("twin")]] }, "MINT_UNKNOWN"],
    ["none, where none is listed", { looks: [aliens] }, "MINT_UNKNOWN"],
  ])("%s", async (_, given, found) => {
    expect((await identified(given)).found).toBe(found);
  });
});

test("it is looked for during four minutes, and no longer than the function has time to store it", async () => {
  expect(await identified({ looks: [[]] })).toEqual({ found: "MINT_UNKNOWN", asked: 11, tookMs: 4 * MINUTE_MS });
  const { tookMs } = await identified({ looks: [[]], remainingMs: 90_000 });
  expect(tookMs).toBeLessThanOrEqual(70_000);
});
