import { describe, expect, test } from "vitest";
import { ConnectionDropped } from "../../../sandbox/vendors/answer-faults.ts";
import { call, MINUTE_MS, pictify, pictograph, requestOf, SECOND_MS } from "./vendor-calls.ts";

describe("planning", () => {
  test("a fault meets the next calls of its operation, as often as planned, and no other", async () => {
    const { vendor, create, list } = pictify();
    vendor.hostile.next("list", "server-error", 2);

    const statuses = [(await create("web", "live")).status];
    for (let count = 0; count < 3; count++) statuses.push((await list()).status);

    expect(statuses).toEqual([201, 500, 500, 200]);
    expect(vendor.hostile.pending()).toEqual([]);
  });

  test("faults come in the order of their planning, those for any operation among them", async () => {
    const { vendor, list } = pictify();
    vendor.hostile.next("any", { kind: "server-error", status: 502 });
    vendor.hostile.next("list", "unavailable");

    expect([(await list()).status, (await list()).status, (await list()).status]).toEqual([502, 503, 200]);
  });

  test("a fault without end lasts until it is cleared", async () => {
    const { vendor, list } = pictify();
    vendor.hostile.next("list", "server-error", Number.POSITIVE_INFINITY);
    const during = [await list(), await list()];

    vendor.hostile.clear();

    expect(during.map((answer) => answer.status)).toEqual([500, 500]);
    expect((await list()).status).toBe(200);
  });

  test("a fault that can't happen in an operation is refused with the ones it can", () => {
    const { vendor } = pictify();

    expect(() => vendor.hostile.next("list", "create-twice")).toThrow(/plan it for create/);
    expect(() => vendor.hostile.next("any", "stale-list")).toThrow(/plan it for list/);
    expect(() => vendor.hostile.next("list", "slow", 0)).toThrow(/1 call or more/);
  });
});

describe("answers that never come", () => {
  test("commit-then-silence makes the key and breaks the connection", async () => {
    const { clock, vendor, create } = pictograph();
    vendor.hostile.next("create", { kind: "commit-then-silence", afterMs: MINUTE_MS });
    const startMs = clock.now();

    const failure = await clock.run(create("ci", "viewer").catch((error: unknown) => error));

    expect(failure).toBeInstanceOf(ConnectionDropped);
    expect(clock.now() - startMs).toBe(MINUTE_MS);
    expect(vendor.keys()).toHaveLength(2);
  });

  test("silence does nothing", async () => {
    const { clock, vendor, create } = pictograph();
    vendor.hostile.next("create", "silence");

    await expect(clock.run(create("ci", "viewer"))).rejects.toThrow("fetch failed");
    expect(vendor.keys()).toHaveLength(1);
  });

  test("a caller who gives up gets the signal's reason, and the work stands", async () => {
    const { vendor } = pictify();
    vendor.hostile.next("create", "commit-then-silence");
    const controller = new AbortController();
    const options = { json: { name: "web", type: "live" }, signal: controller.signal };
    const answer = vendor.fetch(requestOf(vendor, "POST /api-keys", options));
    const failure = answer.catch((error: unknown) => error);
    while (vendor.keys().length < 2) await new Promise((resolve) => setImmediate(resolve));

    controller.abort(new Error("too slow"));

    expect(await failure).toEqual(new Error("too slow"));
  });

  test("a request that was aborted before it was sent never arrives", async () => {
    const { vendor } = pictify();

    const answer = vendor.fetch(requestOf(vendor, "GET /api-keys", { signal: AbortSignal.abort(new Error("no")) }));

    await expect(answer).rejects.toThrow("no");
    expect(vendor.calls()).toEqual([]);
  });

  test("commit-late makes the key only after the caller has looked and seen nothing", async () => {
    const { clock, vendor, create, list } = pictify();
    vendor.hostile.next("create", { kind: "commit-late", delayMs: MINUTE_MS });
    const outcome = create("web", "live").catch((error: unknown) => error);

    await clock.advance(MINUTE_MS - 1);
    const early = (await list()).body.apiKeys;
    await clock.advance(1);

    expect(early).toHaveLength(1);
    expect((await list()).body.apiKeys).toHaveLength(2);
    expect(await outcome).toBeInstanceOf(ConnectionDropped);
  });

  test("slow does the work at once and answers late", async () => {
    const { clock, vendor, create } = pictify();
    vendor.hostile.next("create", { kind: "slow", delayMs: 20 * SECOND_MS });
    const startMs = clock.now();

    const made = await clock.run(create("web", "live"));

    expect(made.status).toBe(201);
    expect(clock.now() - startMs).toBe(20 * SECOND_MS);
    expect(vendor.keys()[1]?.createdAt).toBe(new Date(startMs).toISOString());
  });
});

describe("answers that lie", () => {
  test("commit-then-server-error makes the key, which an idempotent repeat still gives", async () => {
    const { vendor, create } = pictify();
    const headers = { "Idempotency-Key": "token" };
    vendor.hostile.next("create", "commit-then-server-error");

    const failed = await create("web", "live", headers);
    const repeated = await create("web", "live", headers);

    expect([failed.status, repeated.status]).toEqual([500, 201]);
    expect(repeated.body.id).toBe(vendor.keys()[1]?.id);
    expect(vendor.keys()).toHaveLength(2);
  });

  test.each(["server-error", "unavailable", "rate-limited"] as const)("%s makes nothing", async (kind) => {
    const { vendor, create } = pictograph();
    vendor.hostile.next("create", kind);

    expect((await create("ci", "viewer")).status).toBeGreaterThanOrEqual(429);
    expect(vendor.keys()).toHaveLength(1);
  });

  test("a planned 429 has Retry-After, or none", async () => {
    const { vendor, list } = pictograph();
    vendor.hostile.next("list", { kind: "rate-limited", retryAfterSeconds: 7 });
    vendor.hostile.next("list", { kind: "rate-limited", retryAfterSeconds: null });

    const [told, untold] = [await list(), await list()];

    expect([told.status, untold.status]).toEqual([429, 429]);
    expect([told.headers.get("retry-after"), untold.headers.get("retry-after")]).toEqual(["7", null]);
    expect([told.body.retry_after, untold.body.retry_after]).toEqual([7, undefined]);
  });

  test("a planned 503 may have Retry-After", async () => {
    const { vendor, list } = pictify();
    vendor.hostile.next("list", { kind: "unavailable", retryAfterSeconds: 9 });

    expect((await list()).headers.get("retry-after")).toBe("9");
  });

  test("not-json and html are successes with a body that can't be parsed; the key is made", async () => {
    for (const kind of ["not-json", "html"] as const) {
      const { vendor, create } = pictograph();
      vendor.hostile.next("create", kind);

      const answer = await create("ci", "viewer");

      expect(answer.status).toBe(201);
      expect(answer.body).toBeUndefined();
      expect(vendor.keys()).toHaveLength(2);
    }
  });

  test("missing-fields leaves out the fields named at every depth, or all", async () => {
    const { vendor, list } = pictify();
    vendor.hostile.next("list", { kind: "missing-fields", fields: ["id", "createdAt"] });
    vendor.hostile.next("list", "missing-fields");

    const [some, none] = [await list(), await list()];

    expect(Object.keys(some.body.apiKeys[0])).toEqual(["name", "type", "status", "lastUsedAt"]);
    expect(none.body).toEqual({});
  });

  test("stale-list shows the keys as they were", async () => {
    const { clock, vendor, create, list } = pictify();
    const { id } = (await create("old", "live")).body;
    await clock.advance(MINUTE_MS);
    await call(vendor, `POST /api-keys/${id}/revoke`);
    await call(vendor, `PATCH /api-keys/${id}`, { json: { name: "renamed" } });
    await create("new", "live");
    await clock.advance(SECOND_MS);
    vendor.hostile.next("list", { kind: "stale-list", ageMs: 30 * SECOND_MS });

    const [stale, fresh] = [(await list()).body.apiKeys, (await list()).body.apiKeys];

    expect(stale.slice(1)).toMatchObject([{ name: "old", status: "Active" }]);
    expect(fresh.slice(1)).toMatchObject([{ name: "renamed", status: "Revoked" }, { name: "new" }]);
  });

  test("list-items-twice shows each key twice", async () => {
    const { vendor, list } = pictograph();
    vendor.hostile.next("list", "list-items-twice");

    const shown = (await list()).body.api_keys;

    expect(shown).toHaveLength(2);
    expect(shown[0]).toEqual(shown[1]);
  });

  test("create-twice makes a second key of the same name whose value nobody sees", async () => {
    const { vendor, create, list } = pictograph();
    vendor.hostile.next("create", "create-twice");

    const made = await create("ci", "viewer");

    const ids = (await list()).body.api_keys.slice(1).map((key: { id: string; name: string }) => [key.id, key.name]);
    expect(ids).toEqual([
      [made.body.id, "ci"],
      [expect.not.stringMatching(made.body.id), "ci"],
    ]);
    expect(vendor.issuedValues()).toHaveLength(3);
  });

  test("activate-late keeps a new key from working past its propagation", async () => {
    const { clock, vendor, create, render } = pictify();
    vendor.hostile.next("create", { kind: "activate-late", delayMs: 2 * MINUTE_MS });
    const { key } = (await create("web", "live")).body;

    await clock.advance(2 * MINUTE_MS - 1);
    const before = await render(key);
    await clock.advance(1);

    expect([before.status, (await render(key)).status]).toEqual([401, 200]);
  });

  test("clock-skew moves Date and the created time of that call alone", async () => {
    const { clock, vendor, create } = pictify();
    vendor.hostile.next("create", { kind: "clock-skew", skewMs: -MINUTE_MS });

    const [skewed, straight] = [await create("a", "live"), await create("b", "live")];

    const off = new Date(clock.now() - MINUTE_MS);
    expect([skewed.headers.get("date"), skewed.body.createdAt]).toEqual([off.toUTCString(), off.toISOString()]);
    expect(straight.headers.get("date")).toBe(new Date(clock.now()).toUTCString());
  });

  test("revoke-not-done says yes and leaves the key alive, at both vendors", async () => {
    const one = pictograph();
    const other = pictify();
    one.vendor.hostile.next("revoke", "revoke-not-done");
    other.vendor.hostile.next("revoke", "revoke-not-done");
    const first = (await one.create("ci", "viewer")).body;
    const second = (await other.create("web", "live")).body;

    const statuses = [
      (await call(one.vendor, `DELETE /api/v1/api-keys/${first.id}`)).status,
      (await call(other.vendor, `POST /api-keys/${second.id}/revoke`)).status,
    ];

    expect(statuses).toEqual([204, 200]);
    expect([one.vendor.keys()[1]?.active, other.vendor.keys()[1]?.active]).toEqual([true, true]);
  });

  test("change-not-done says yes and leaves the key as it was, at both vendors", async () => {
    const one = pictograph();
    const other = pictify();
    one.vendor.hostile.next("update", "change-not-done");
    other.vendor.hostile.next("rename", "change-not-done");
    const first = (await one.create("ci", "viewer")).body;
    const second = (await other.create("web", "live")).body;

    const answers = [
      await call(one.vendor, `PATCH /api/v1/api-keys/${first.id}`, { json: { role: "member" } }),
      await call(other.vendor, `PATCH /api-keys/${second.id}`, { json: { name: "api" } }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect([one.vendor.keys()[1]?.access, other.vendor.keys()[1]?.name]).toEqual(["viewer", "web"]);
  });

  test("a name may be cut or changed on the way", async () => {
    const { vendor, create } = pictify();
    vendor.hostile.next("create", { kind: "name-truncated", length: 8 });
    vendor.hostile.next("rename", { kind: "name-suffixed", suffix: "-2" });

    const made = (await create("prod-webapp-kt", "live")).body;
    const renamed = (await call(vendor, `PATCH /api-keys/${made.id}`, { json: { name: "api" } })).body;

    expect([made.name, renamed.name]).toEqual(["prod-web", "api-2"]);
  });
});

describe("lists that are not whole", () => {
  const three = async () => {
    const world = pictify({ switches: { pageSize: 2 } });
    for (const name of ["one", "two"]) await world.create(name, "live");
    const names = async (query = "") =>
      (await world.list(query)).body.apiKeys.map((key: { name: string }) => key.name) as string[];
    return { ...world, names };
  };

  test("list-omits leaves out the keys that it names, or all, and says nothing of them", async () => {
    const { vendor, list } = await three();
    const oneId = vendor.keys()[1]?.id;
    vendor.hostile.next("list", { kind: "list-omits", omits: (id) => id === oneId });
    vendor.hostile.next("list", "list-omits");

    const [some, none] = [await list(), await list()];

    expect(some.body).toMatchObject({ apiKeys: [{ name: "Admin" }, { name: "two" }], pagination: { total: 2 } });
    expect(none.body).toMatchObject({ apiKeys: [], pagination: { total: 0, hasNext: false } });
  });

  test("list-cut ends after so many keys", async () => {
    const { vendor, list } = await three();
    vendor.hostile.next("list", "list-cut");

    expect((await list()).body).toMatchObject({
      apiKeys: [{ name: "Admin" }],
      pagination: { total: 1, hasNext: false },
    });
  });

  test("list-reversed begins with the newest", async () => {
    const { vendor, names } = await three();
    vendor.hostile.next("list", "list-reversed", 2);

    expect([await names(), await names("?page=2")]).toEqual([["two", "one"], ["Admin"]]);
  });

  test("page-repeated shows the page before, at both vendors", async () => {
    const { vendor, names } = await three();
    const other = pictograph({ switches: { pageSize: 1 } });
    await other.create("ci", "viewer");
    vendor.hostile.next("list", "page-repeated", 2);
    other.vendor.hostile.next("list", "page-repeated");

    expect([await names(), await names("?page=2")]).toEqual([
      ["Admin", "one"],
      ["Admin", "one"],
    ]);
    expect((await other.list("&offset=1")).body.api_keys[0].name).toBe("Admin");
  });

  test("pages-stale shows the first page as it is and the others as they were", async () => {
    const { clock, vendor, create, names } = await three();
    await clock.advance(MINUTE_MS);
    await create("three", "live");
    await call(vendor, `POST /api-keys/${vendor.keys()[1]?.id}/revoke`);
    await call(vendor, `DELETE /api-keys/${vendor.keys()[1]?.id}`);
    vendor.hostile.next("list", { kind: "pages-stale", ageMs: MINUTE_MS / 2 }, 2);
    await clock.advance(SECOND_MS);

    expect([await names(), await names("?page=2")]).toEqual([["Admin", "two"], ["two"]]);
    expect(await names("?page=2")).toEqual(["three"]);
  });
});

describe("answers that speak of no key", () => {
  test("auth-store-down refuses every key as unknown in the vendor's form, and nothing is done", async () => {
    const one = pictograph();
    const other = pictify();
    for (const { vendor } of [one, other]) vendor.hostile.next("any", "auth-store-down", Number.POSITIVE_INFINITY);

    const answers = [
      await one.list(),
      await one.create("ci", "viewer"),
      await other.list(),
      await other.create("web", "live"),
    ];

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    expect(answers[0]?.body.error.code).toBe("invalid_api_key");
    expect(answers[2]?.body.type).toMatch(/invalid-api-key$/);
    for (const { vendor } of [one, other]) {
      expect(vendor.keys()).toHaveLength(1);
      expect(vendor.keys()[0]).toMatchObject({ requests: 2, denied: 2, lastUsedAt: null });
      vendor.hostile.clear();
    }
    expect([(await one.list()).status, (await other.list()).status]).toEqual([200, 200]);
  });

  test.each([
    [{}, 403, "text/html", /Access denied/],
    [{ status: 401 }, 401, "text/html", /Access denied/],
    [{ body: "message" }, 403, "application/json", /^\{"message":"Forbidden"\}$/],
    [{ status: 401, body: "error" }, 401, "application/json", /^\{"error":"Unauthorized"\}$/],
    [{ body: "empty" }, 403, "text/plain", /^$/],
  ] as const)("an edge %o answers in place of the vendor", async (more, status, contentType, text) => {
    const { vendor, create, list } = pictify();
    vendor.hostile.next("create", { kind: "edge", ...more });

    const answer = await create("web", "live");

    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toContain(contentType);
    expect(answer.text).toMatch(text);
    expect(vendor.keys()).toHaveLength(1);
    expect(vendor.keys()[0]).toMatchObject({ requests: 1, denied: 1, lastUsedAt: null });
    expect((await list()).status).toBe(200);
  });
});

test("a fault that does no work moves no use, but is a request of the key's", async () => {
  const { vendor, list } = pictify();
  vendor.hostile.next("list", "server-error");

  await list();

  expect(vendor.keys()[0]).toMatchObject({ requests: 1, lastUsedAt: null });
});

test("hostile answers have Date and rate limit headers like all others", async () => {
  const { clock, vendor, list } = pictify();
  vendor.hostile.next("list", "html");

  const { headers } = await list();

  expect(headers.get("date")).toBe(new Date(clock.now()).toUTCString());
  expect(headers.get("x-ratelimit-remaining")).toBe("299");
});
