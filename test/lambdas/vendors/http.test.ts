import { describe, expect, test } from "vitest";
import { Redacted } from "../../../lambdas/redacted.ts";
import { createHttp, type HttpRequest } from "../../../lambdas/vendors/http.ts";
import type { VendorError } from "../../../lambdas/vendors/vendor-error.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";

type Answer = Response | Error | "never";

const scripted = (...answers: Answer[]) => {
  const clock = new VirtualClock();
  const startMs = clock.now();
  const calls: { atMs: number; headers: Record<string, string> }[] = [];
  const fetch = (async (_url: string, init: RequestInit) => {
    calls.push({ atMs: clock.now() - startMs, headers: init.headers as Record<string, string> });
    const answer = answers[Math.min(calls.length, answers.length) - 1] ?? "never";
    if (answer instanceof Error) throw answer;
    if (answer instanceof Response) return answer.clone();
    return new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
  }) as typeof globalThis.fetch;
  const http = (timeMs = 120_000) => createHttp({ fetch, clock, remainingMs: () => timeMs - (clock.now() - startMs) });
  return { clock, calls, http };
};

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });

const KEY = "pk_live_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6";
const request: HttpRequest = {
  method: "GET",
  url: "https://vendor.test/keys?organization_id=1",
  headers: { "X-API-Key": new Redacted(KEY) },
  repeatable: true,
};
const mint: HttpRequest = { ...request, method: "POST", body: { name: "a" }, repeatable: false };

const failure = (work: Promise<unknown>): Promise<VendorError> =>
  work.then(
    () => Promise.reject(new Error("did not fail")),
    (error) => error as VendorError,
  );

describe("a call to a vendor", () => {
  test("sends the secret, and gives the answer with the vendor's own time", async () => {
    const { clock, calls, http } = scripted(json({ keys: [] }, 200, { date: "Sat, 21 Nov 2026 22:00:00 GMT" }));
    const answer = await clock.run(http().send(request));
    expect(answer).toEqual({ body: { keys: [] }, vendorNowMs: Date.UTC(2026, 10, 21, 22) });
    expect(calls[0]?.headers["X-API-Key"]).toBe(KEY);
  });

  test("is not to be answered by what something on the way has kept from earlier", async () => {
    const { clock, calls, http } = scripted(json({}));
    await clock.run(http().send(request));
    await clock.run(http().ask(request));
    expect(calls.map(({ headers }) => headers["Cache-Control"])).toEqual(["no-cache", "no-cache"]);
  });

  test.each(["", "yesterday", "1", "22/11/2026 14:05", "Sat, 21 Nov 2026 22:00:00", "Mon, 21 Nov 2026 22:00:00 GMT"])(
    "does not guess the vendor's time from the header %j",
    async (date) => {
      const { clock, http } = scripted(json({}, 200, { date }));
      expect((await clock.run(http().send(request))).vendorNowMs).toBeUndefined();
    },
  );

  test.each([
    [400, "INVALID"],
    [401, "UNAUTHORIZED"],
    [403, "FORBIDDEN"],
    [404, "NOT_FOUND"],
    [405, "UNSUPPORTED"],
    [409, "CONFLICT"],
    [410, "NOT_FOUND"],
    [418, "REFUSED"],
    [422, "INVALID"],
    [501, "UNSUPPORTED"],
  ])("answered %i fails once with %s", async (status, code) => {
    const { clock, calls, http } = scripted(json({}, status));
    expect(await failure(clock.run(http().send(request)))).toMatchObject({ code, retryable: false });
    expect(calls).toHaveLength(1);
  });

  test.each<[string, Answer, string]>([
    ["answered 500", json({}, 500), "UNAVAILABLE"],
    ["answered 408", json({}, 408), "UNAVAILABLE"],
    ["answered 425", json({}, 425), "UNAVAILABLE"],
    ["answered with a part alone", json({ ok: true }, 206), "BAD_ANSWER"],
    ["not answered", "never", "TIMEOUT"],
    ["cut off", new TypeError("fetch failed"), "UNREACHABLE"],
    ["answered with a web page", new Response("<html>"), "BAD_ANSWER"],
  ])("%s is repeated only where that is safe, and is ambiguous", async (_, answer, code) => {
    const safe = scripted(answer, json({ ok: true }));
    expect((await safe.clock.run(safe.http().send(request))).body).toEqual({ ok: true });
    const unsafe = scripted(answer, json({ ok: true }));
    expect(await failure(unsafe.clock.run(unsafe.http().send(mint)))).toMatchObject({ code, ambiguous: true });
    expect(unsafe.calls).toHaveLength(1);
  });

  test("gives up after a few tries", async () => {
    const { clock, calls, http } = scripted(json({}, 503));
    expect(await failure(clock.run(http().send(request)))).toMatchObject({ code: "UNAVAILABLE" });
    expect(calls).toHaveLength(4);
  });

  test.each<[string, Response]>([
    ["a header in seconds", json({}, 429, { "retry-after": "7" })],
    [
      "a header with a date",
      json({}, 429, { "retry-after": "Sat, 21 Nov 2026 22:00:07 GMT", date: "Sat, 21 Nov 2026 22:00:00 GMT" }),
    ],
    ["Pictograph's body", json({ error: "rate_limit_exceeded", message: "slow down", retry_after: 7 }, 429)],
  ])("limited by %s waits for as long as it was asked, even to mint", async (_, answer) => {
    const { clock, calls, http } = scripted(answer, json({}));
    await clock.run(http().send(mint));
    expect(calls.map((call) => call.atMs)).toEqual([0, 7_000]);
  });

  test.each(["0", "-5", "Sat, 21 Nov 2026 21:00:00 GMT", "soon", "0.001"])(
    "does not ask again at once where it is told to: %s",
    async (retryAfter) => {
      const headers = { "retry-after": retryAfter, date: "Sat, 21 Nov 2026 22:00:00 GMT" };
      const { clock, calls, http } = scripted(json({}, 429, headers));
      expect(await failure(clock.run(http(20_000).send(request)))).toMatchObject({ retryable: true, ambiguous: false });
      expect(calls.length).toBeGreaterThan(3);
      expect(calls.length).toBeLessThanOrEqual(12);
    },
  );

  test.each([
    [400, "INVALID"],
    [429, "RATE_LIMITED"],
  ])("answered %i with more than can be an answer is refused by its status all the same", async (status, code) => {
    const { clock, http } = scripted(new Response(" ".repeat(9 * 1024 * 1024), { status }));
    expect(await failure(clock.run(http(1_900).send(mint)))).toMatchObject({ code, ambiguous: false });
  });

  test("does not wait for a limit past the function's time, and says for how long it was asked to", async () => {
    const { clock, http } = scripted(json({}, 429, { "retry-after": "600" }));
    const error = await failure(clock.run(http(60_000).send(mint)));
    expect(error).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 600_000, ambiguous: false });
  });

  test("waits before the next call when the limit is used up", async () => {
    const headers = {
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": "1795298412",
      date: "Sat, 21 Nov 2026 22:00:00 GMT",
    };
    const { clock, calls, http } = scripted(json({}, 200, headers), json({}));
    const one = http();
    await clock.run(one.send(request));
    await clock.run(one.send(request));
    expect(calls.map((call) => call.atMs)).toEqual([0, 12_000]);
  });

  test("is not made when the function's time is over, and then it is sure that nothing was done", async () => {
    const { clock, calls, http } = scripted(json({}));
    expect(await failure(clock.run(http(1_000).send(mint)))).toMatchObject({ code: "NO_TIME", ambiguous: false });
    expect(calls).toHaveLength(0);
  });

  test.each<[string, unknown, string]>([
    [
      "Pictograph's object",
      { error: { code: "invalid_api_key", message: "It has been revoked." } },
      "invalid_api_key: It has been revoked.",
    ],
    ["Pictograph's text", { error: "not_found", message: "No such key." }, "not_found: No such key."],
    [
      "Pictify's problem details",
      { type: "https://docs.pictify.io/errors/invalid-api-key", title: "Invalid API Key", detail: "Revoked." },
      "invalid-api-key: Revoked.",
    ],
    [
      "Pictify's field errors",
      { type: "t/validation", title: "Bad", errors: [{ field: "name", message: "too long" }] },
      "validation: Bad: name: too long",
    ],
    [
      "a value that a vendor repeats",
      { error: { code: "bad", message: `unknown key ${KEY}` } },
      "unknown key [redacted]",
    ],
  ])("fails with what the vendor said in %s", async (_, body, said) => {
    const { clock, http } = scripted(json(body, 401));
    const error = await failure(clock.run(http().send(request)));
    expect(error.message).toContain(said);
    expect(error.message).not.toContain(KEY);
    expect(error.message).toContain("GET /keys was answered 401");
  });
});
