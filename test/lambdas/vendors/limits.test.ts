import { describe, expect, test } from "vitest";
import { createHttp, type HttpRequest } from "../../../lambdas/vendors/http.ts";
import { spreadMs } from "../../../lambdas/vendors/rate-limit.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";

const request: HttpRequest = { method: "GET", url: "https://vendor.test/keys", headers: {}, repeatable: true };

/** A vendor that refuses so often for its limit, and when it was asked. */
const limited = (refusals: number, chance: number, options: { readonly maxLimited?: number } = {}) => {
  const clock = new VirtualClock();
  const startMs = clock.now();
  const askedMs: number[] = [];
  const fetch = (async () => {
    askedMs.push(clock.now() - startMs);
    const isRefused = askedMs.length <= refusals;
    return new Response("{}", isRefused ? { status: 429, headers: { "retry-after": "10" } } : { status: 200 });
  }) as typeof globalThis.fetch;
  const remainingMs = () => 300_000 - (clock.now() - startMs);
  const http = createHttp({ fetch, clock, remainingMs, chance: () => chance, ...options });
  return { askedMs, send: () => clock.run(http.send(request)) };
};

describe("a caller who meets the vendor's limit", () => {
  test("is patient for as long as the function runs, since a limit is no failure", async () => {
    const { askedMs, send } = limited(6, 0);
    await send();
    expect(askedMs).toEqual([0, 10, 20, 30, 40, 50, 60].map((seconds) => seconds * 1_000));
  });

  test("gives up after as many as it may spend on it", async () => {
    const { askedMs, send } = limited(6, 0, { maxLimited: 3 });
    await expect(send()).rejects.toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 10_000 });
    expect(askedMs).toEqual([0, 10_000, 20_000]);
  });

  test("comes back by a part of half a minute later than it was asked to, so that not all come at once", async () => {
    const { askedMs, send } = limited(1, 0.5);
    await send();
    expect(askedMs).toEqual([0, 25_000]);
  });
});

describe("the spread", () => {
  test("is as long as what was asked for, from half a minute to two", () => {
    expect(spreadMs(3_000, 1, 300_000)).toBe(30_000);
    expect(spreadMs(50_000, 1, 300_000)).toBe(50_000);
    expect(spreadMs(150_000, 1, 600_000)).toBe(120_000);
  });

  test("takes at most half of what the function's time leaves", () => {
    expect(spreadMs(50_000, 1, 70_000)).toBe(10_000);
    expect(spreadMs(50_000, 1, 40_000)).toBe(0);
  });
});
