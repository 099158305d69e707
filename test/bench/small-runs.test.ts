import { describe, expect, test } from "vitest";
import { bareSource } from "../../bench/cold-start.ts";
import { floorMs, fullestDay, measureFleet, requestsOfListing } from "../../bench/fleet.ts";
import { leastCalls, measurePasses } from "../../bench/reconcile.ts";
import { synthesizeOnce } from "../../bench/synth.ts";

describe("a pass over 250 keys", () => {
  test("takes three pages of secrets and one listing, where nothing changed", async () => {
    const { further, keys } = await measurePasses({ size: 250, retiring: 0, showsRevoked: true }, 1);
    expect(further).toEqual({ ListSecrets: 3, "list keys": 7 });
    expect(leastCalls(250, keys)).toBe(10);
  });

  test("reads former values once in a container, where the vendor hides revoked keys", async () => {
    const { first, further } = await measurePasses({ size: 250, retiring: 0, showsRevoked: false }, 1);
    expect(first).toMatchObject({ GetSecretValue: 250 });
    expect(further.GetSecretValue).toBe(0);
  });

  test("revokes what is due, for fifteen calls each and one list", async () => {
    const { first } = await measurePasses({ size: 250, retiring: 3, showsRevoked: true }, 1);
    expect(first).toMatchObject({ "revoke key": 3, DescribeSecret: 12, GetSecretValue: 15, "list keys": 25 });
  });
});

describe("a fleet of 100 keys that are due at once", () => {
  test("is rotated whole, and no try fails", async () => {
    const { counts, durationMs } = await measureFleet(100, { size: 100, pages: true });
    expect(counts.answered.POST).toBe(100);
    expect(counts.failures).toEqual({});
    expect(durationMs).toBeGreaterThan(0);
  });
});

test("the floor of a fleet counts each rotation's listing, its create, and the last key's spreading", () => {
  expect(requestsOfListing(12, true)).toBe(2);
  expect(requestsOfListing(1_000, true)).toBe(12);
  expect(requestsOfListing(1_000, false)).toBe(2);
  expect(requestsOfListing(1_001, false)).toBe(2);
  expect(floorMs(5, 1, true)).toBe(30_000);
  expect(floorMs(1_000, 300, true)).toBe(Math.floor((300 * 14 - 1 + 100 * 1) / 300) * 60_000 + 30_000);
});

test("1,000 keys of one deploy fall due on ten days, about evenly", () => {
  expect(fullestDay(1_000)).toBeLessThan(140);
});

describe("a stack of 10 keys", () => {
  test("has the same resources as the one written by hand, and one zip a function", async () => {
    const [ours, bare] = [await synthesizeOnce("ours", 10), await synthesizeOnce("bare", 10)];
    expect(ours.resources).toBe(bare.resources);
    expect(ours.zips).toBe(4);
    expect(bare.zips).toBe(4);
  });
});

test("a bare bundle makes the same clients as the function", () => {
  expect(bareSource("rotate")).toContain("new LambdaClient(");
  expect(bareSource("inspect")).not.toContain("LambdaClient");
  expect(bareSource("distribute")).toContain("new EKSClient(");
});
