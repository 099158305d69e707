import { describe, expect, test } from "vitest";
import { PICTIFY_SEEDS_ONLY } from "../../../sandbox/vendors/pictify-options.ts";
import { call, DAY_MS, MINUTE_MS, pictify, SECOND_MS } from "./vendor-calls.ts";

describe("authentication", () => {
  test.each([
    ["no header", {}],
    ["another scheme", { Authorization: "Basic abc" }],
    ["another header", { "X-API-Key": "pk_live_abc" }],
  ])("%s gets 401 missing-auth", async (_, headers) => {
    const { vendor } = pictify();

    const answer = await call(vendor, "GET /api-keys", { key: null, headers });

    expect(answer.status).toBe(401);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.body).toEqual({
      type: "https://docs.pictify.io/errors/missing-auth",
      title: "Missing Authentication",
      status: 401,
      detail: "No API key provided. Include your API key in the Authorization header.",
      instance: "/api-keys",
    });
  });

  test("the missing header may be called missing-authorization", async () => {
    const { vendor } = pictify({ switches: { missingAuthType: "missing-authorization" } });

    expect((await call(vendor, "GET /api-keys", { key: null })).body.type).toMatch(/\/missing-authorization$/);
  });

  test("an unknown key gets 401 invalid-api-key", async () => {
    const { list } = pictify();

    const answer = await list("", "pk_live_nobody");

    expect(answer.status).toBe(401);
    expect(answer.body.type).toBe("https://docs.pictify.io/errors/invalid-api-key");
  });

  test("live and test keys get 403 where keys are managed", async () => {
    const { vendor, list } = pictify();

    for (const access of ["live", "test"]) {
      const { value } = vendor.issueKey({ name: access, access, propagationMs: 0 });
      expect((await list("", value)).status).toBe(403);
    }
  });
});

describe("creating a key", () => {
  test.each(["live", "test"])("of type %s gives its Key ID, and its value once", async (type) => {
    const { create, list } = pictify();

    const made = await create("prod-webapp", type);

    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ name: "prod-webapp", type, id: expect.stringMatching(/^key_[a-z0-9]+$/) });
    expect(made.body.key).toMatch(new RegExp(`^pk_${type}_[A-Za-z0-9]{32}$`));
    expect((await list()).text).not.toContain(made.body.key);
  });

  test("names every field that is not valid, and makes nothing", async () => {
    const { vendor } = pictify();

    const answer = await call(vendor, "POST /api-keys", { json: { type: "admin" } });

    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ type: expect.stringMatching(/validation-error$/), instance: "/api-keys" });
    expect(answer.body.errors).toEqual([
      { field: "name", message: "Required", code: "required" },
      { field: "type", message: "Must be live or test", code: "invalid_enum" },
    ]);
    expect(vendor.keys()).toHaveLength(1);
  });

  test("answers a body that is not JSON with 400, and bad fields with 422 where told", async () => {
    const { vendor, create } = pictify({ switches: { validationStatus: 422 }, maxNameLength: 5 });

    expect((await call(vendor, "POST /api-keys", { json: "{" })).status).toBe(400);
    expect((await create("too-long", "live")).status).toBe(422);
  });

  test.each([
    ["free", 2, 5],
    ["pro", 10, 10],
    ["business", 50, 50],
  ] as const)("on plan %s stops at %i live keys (the admin key is one) and %i test keys", async (plan, live, tests) => {
    const { create } = pictify({ plan, rateLimit: { requestsPerMinute: 1_000 } });
    const made = async (type: string) => {
      let count = 0;
      while ((await create(`${type}-${count}`, type)).status === 201) count += 1;
      return count;
    };

    expect(await made("live")).toBe(live - 1);
    expect(await made("test")).toBe(tests);
    expect((await create("more", "test")).body).toMatchObject({
      status: 409,
      type: expect.stringMatching(/key-limit$/),
    });
  });

  test("has no limit on plan enterprise, and another one where told", async () => {
    const enterprise = pictify({ plan: "enterprise" });
    for (let count = 0; count < 60; count++) await enterprise.create(`key-${count}`, "live");
    const told = pictify({ plan: "enterprise", keyLimit: { live: 1 } });

    expect(enterprise.vendor.keys()).toHaveLength(61);
    expect((await told.create("second", "live")).status).toBe(409);
  });

  test("finds room again after a revocation, or only after deletion where told", async () => {
    for (const revokedKeysCount of [false, true]) {
      const { vendor, create } = pictify({ plan: "free", switches: { revokedKeysCount } });
      const { id } = (await create("first", "live")).body;

      await call(vendor, `POST /api-keys/${id}/revoke`);
      const afterRevocation = await create("second", "live");
      await call(vendor, `DELETE /api-keys/${id}`);
      const afterDeletion = await create("third", "live");

      expect([afterRevocation.status, afterDeletion.status]).toEqual(revokedKeysCount ? [409, 201] : [201, 409]);
    }
  });
});

describe("Idempotency-Key", () => {
  const HEADERS = { "Idempotency-Key": "token-1" };

  test("a repeat gets the first answer, value included, and makes no second key", async () => {
    const { vendor, create } = pictify();

    const [first, second] = [await create("web", "live", HEADERS), await create("web", "live", HEADERS)];

    expect(second.status).toBe(201);
    expect(second.text).toBe(first.text);
    expect(vendor.keys()).toHaveLength(2);
  });

  test("a repeat gets the first answer even when its key has been revoked since", async () => {
    const { vendor, create } = pictify();
    const first = await create("web", "live", HEADERS);
    await call(vendor, `POST /api-keys/${first.body.id}/revoke`);

    const second = await create("web", "live", HEADERS);

    expect(second.text).toBe(first.text);
    expect(vendor.keys()[1]?.active).toBe(false);
  });

  test.each([409, 422] as const)("on another body it is a conflict (%i)", async (idempotencyConflictStatus) => {
    const { vendor, create } = pictify({ switches: { idempotencyConflictStatus } });
    await create("web", "live", HEADERS);

    const second = await create("web", "test", HEADERS);

    expect(second.status).toBe(idempotencyConflictStatus);
    expect(vendor.keys()).toHaveLength(2);
  });

  test("an error is not kept: the same request may succeed later", async () => {
    const { vendor, create } = pictify({ plan: "free" });
    const { id } = vendor.issueKey({ name: "in the way", access: "live" });
    const refused = await create("web", "live", HEADERS);
    vendor.revokeKey(id);

    expect([refused.status, (await create("web", "live", HEADERS)).status]).toEqual([409, 201]);
  });

  test("is forgotten after a day", async () => {
    const { clock, vendor, create } = pictify();
    await create("web", "live", HEADERS);

    await clock.advance(DAY_MS);
    await create("web", "live", HEADERS);

    expect(vendor.keys()).toHaveLength(3);
  });

  test("means nothing when the vendor has none", async () => {
    const { vendor, create } = pictify({ switches: { idempotency: false } });

    await create("web", "live", HEADERS);
    await create("web", "live", HEADERS);

    expect(vendor.keys()).toHaveLength(3);
  });
});

describe("the life of a key", () => {
  test("a new key gets 401 for 30 seconds, then works", async () => {
    const { clock, create, render } = pictify();
    const { key } = (await create("web", "live")).body;

    await clock.advance(30 * SECOND_MS - 1);
    const before = await render(key);
    await clock.advance(1);

    expect([before.status, (await render(key)).status]).toEqual([401, 200]);
  });

  test("a revoked key gets 401 at once and is listed as Revoked", async () => {
    const { vendor, create, list, render } = pictify({ propagationMs: 0 });
    const { id, key } = (await create("web", "live")).body;

    const revoked = await call(vendor, `POST /api-keys/${id}/revoke`);

    expect(revoked.body).toMatchObject({ id, status: "Revoked" });
    expect((await render(key)).status).toBe(401);
    expect((await list()).body.apiKeys).toContainEqual(expect.objectContaining({ id, status: "Revoked" }));
  });

  test.each([200, 409] as const)(
    "a second revocation is answered with %i and moves nothing",
    async (repeatedRevokeStatus) => {
      const { clock, vendor, create } = pictify({ switches: { repeatedRevokeStatus } });
      const { id } = (await create("web", "live")).body;
      await call(vendor, `POST /api-keys/${id}/revoke`);
      const { revokedAt } = vendor.keys()[1] ?? {};
      await clock.advance(MINUTE_MS);

      const again = await call(vendor, `POST /api-keys/${id}/revoke`);

      expect(again.status).toBe(repeatedRevokeStatus);
      expect(vendor.keys()[1]?.revokedAt).toBe(revokedAt);
    },
  );

  test("only a revoked key can be deleted; then it is gone from the list, not from keys()", async () => {
    const { vendor, create, list } = pictify();
    const { id } = (await create("web", "live")).body;

    const early = await call(vendor, `DELETE /api-keys/${id}`);
    await call(vendor, `POST /api-keys/${id}/revoke`);
    const deleted = await call(vendor, `DELETE /api-keys/${id}`);
    const again = await call(vendor, `DELETE /api-keys/${id}`);

    expect([early.status, deleted.status, again.status]).toEqual([409, 204, 404]);
    expect((await list()).body.apiKeys).toHaveLength(1);
    expect(vendor.keys()[1]).toMatchObject({ id, active: false, deletedAt: expect.any(String) });
  });

  test("rename changes the name alone", async () => {
    const { clock, vendor, create, render } = pictify();
    const { id, key } = (await create("web", "live")).body;
    await clock.advance(30 * SECOND_MS);

    const renamed = await call(vendor, `PATCH /api-keys/${id}`, { json: { name: "api" } });

    expect(renamed.body).toMatchObject({ id, name: "api" });
    expect((await render(key)).status).toBe(200);
    expect((await call(vendor, `PATCH /api-keys/${id}`, { json: {} })).status).toBe(400);
  });

  test.each([404, 405, 501] as const)(
    "rename, revoke and delete answer %i where the vendor lacks them",
    async (status) => {
      const { vendor, create } = pictify({
        switches: { rename: false, revoke: false, remove: false, missingEndpointStatus: status },
      });
      const { id } = (await create("web", "live")).body;

      const answers = [
        await call(vendor, `PATCH /api-keys/${id}`, { json: { name: "api" } }),
        await call(vendor, `POST /api-keys/${id}/revoke`),
        await call(vendor, `DELETE /api-keys/${id}`),
      ];

      expect(answers.map((answer) => answer.status)).toEqual([status, status, status]);
      expect(vendor.keys()[1]).toMatchObject({ name: "web", active: true });
    },
  );
});

describe("the list of keys", () => {
  test("shows the dashboard's columns, with pagination", async () => {
    const { clock, create, list } = pictify();
    const { id } = (await create("web", "test")).body;

    const { body } = await list();

    const createdAt = new Date(clock.now()).toISOString();
    expect(body.apiKeys[1]).toEqual({ id, name: "web", type: "test", status: "Active", createdAt, lastUsedAt: null });
    expect(body.pagination).toEqual({ page: 1, limit: 20, total: 2, totalPages: 1, hasNext: false, hasPrev: false });
  });

  test("shows 20 keys a page unless told, and each key on exactly one page", async () => {
    const { vendor, list } = pictify();
    for (let count = 0; count < 24; count++) vendor.issueKey({ name: `key-${count}`, access: "live" });

    const first = (await list()).body;
    const rest = (await list("?page=2")).body;

    expect(first.pagination).toEqual({ page: 1, limit: 20, total: 25, totalPages: 2, hasNext: true, hasPrev: false });
    expect(rest.pagination).toMatchObject({ hasNext: false, hasPrev: true });
    const ids = [...first.apiKeys, ...rest.apiKeys].map((key) => key.id);
    expect(ids).toEqual(vendor.keys().map((key) => key.id));
  });

  test.each(["?page=0", "?limit=0", "?page=x"])("refuses %s", async (query) => {
    const { list } = pictify();

    const answer = await list(query);

    expect(answer.status).toBe(400);
    expect(answer.body.errors).toHaveLength(1);
  });

  test.each(["apiKeys", "api_keys", "keys"] as const)("has its keys in %s where told", async (envelope) => {
    const { list } = pictify({ switches: { envelope } });

    expect((await list()).body[envelope]).toHaveLength(1);
  });

  test("may be a bare array", async () => {
    const { list } = pictify({ switches: { envelope: "array" } });

    expect((await list()).body).toHaveLength(1);
  });

  test.each(["key", "secret", "apiKey"] as const)("is matched by a value in %s where told", async (valueField) => {
    const { create } = pictify({ switches: { valueField } });

    expect((await create("web", "live")).body[valueField]).toMatch(/^pk_live_/);
  });

  test("may name its fields otherwise", async () => {
    const { list } = pictify({ switches: { idField: "key_id", fieldNames: "snake_case", statusForm: "isActive" } });

    const shown = (await list()).body.apiKeys[0];

    expect(Object.keys(shown)).toEqual(["key_id", "name", "type", "isActive", "created_at", "last_used_at"]);
    expect(shown.isActive).toBe(true);
  });
});

describe("rendering", () => {
  test("with a live key gives a picture without a watermark, with a test key one with it", async () => {
    const { vendor, render } = pictify();
    const [live, test] = ["live", "test"].map((access) => vendor.issueKey({ name: access, access, propagationMs: 0 }));

    const pictures = [await render(live?.value ?? ""), await render(test?.value ?? "")];

    expect(pictures.map((picture) => picture.status)).toEqual([200, 200]);
    expect(pictures.map((picture) => picture.body.watermarked)).toEqual([false, true]);
    expect(pictures[0]?.body).toMatchObject({ id: expect.stringMatching(/^img_/), width: 1_200, height: 630 });
  });

  test("stops after 100 renders of a test key in a day, and goes on the next day", async () => {
    const { clock, vendor, render } = pictify();
    const { value } = vendor.issueKey({ name: "test", access: "test", propagationMs: 0 });
    for (let count = 0; count < 100; count++) await render(value);

    const refused = await render(value);
    await clock.advance(DAY_MS);

    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("86400");
    expect((await render(value)).status).toBe(200);
  });

  test.each([[{}], [{ html: "<p>", width: -1 }]])("refuses %j", async (json) => {
    const { vendor } = pictify();

    const answer = await call(vendor, "POST /image", { json });

    expect(answer.status).toBe(400);
    expect(answer.body.errors).toHaveLength(1);
  });
});

describe("the rate limit", () => {
  test.each([
    ["free", 60],
    ["pro", 300],
    ["business", 1_000],
  ] as const)("on plan %s allows a key %i requests a minute", async (plan, limit) => {
    const { vendor, render } = pictify({ plan });
    const { value } = vendor.issueKey({ name: "web", access: "live", propagationMs: 0 });
    for (let count = 0; count < limit; count++) expect((await render(value)).status).toBe(200);

    expect((await render(value)).status).toBe(429);
  });

  test("answers 429 with Retry-After and the rate-limit problem, to that key alone, until the minute is over", async () => {
    const { clock, vendor, list, render } = pictify({ rateLimit: { requestsPerMinute: 1 } });
    const { value } = vendor.issueKey({ name: "web", access: "live", propagationMs: 0 });
    await clock.advance(15 * SECOND_MS);
    await render(value);

    const refused = await render(value);
    const other = await list();
    await clock.advance(45 * SECOND_MS);

    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("45");
    expect(refused.body).toEqual({
      type: "https://docs.pictify.io/errors/rate-limit",
      title: "Rate Limit Exceeded",
      status: 429,
      detail: "You have exceeded the rate limit. Please retry after 45 seconds.",
      instance: "/image",
    });
    expect(other.status).toBe(200);
    expect((await render(value)).status).toBe(200);
  });

  test("counts the day too: Free allows 1,000 requests, then waits for the next day", async () => {
    const { clock, vendor, render } = pictify({ plan: "free", testRendersPerDay: 2_000 });
    const { value } = vendor.issueKey({ name: "web", access: "live", propagationMs: 0 });
    for (let count = 0; count < 1_000; count++) {
      if (count % 60 === 0) await clock.advance(MINUTE_MS);
      expect((await render(value)).status).toBe(200);
    }
    await clock.advance(MINUTE_MS);

    const refused = await render(value);

    expect(refused.status).toBe(429);
    expect(refused.headers.get("x-ratelimit-limit")).toBe("1000");
    expect(Number(refused.headers.get("retry-after"))).toBe(DAY_MS / 1_000 - 18 * 60);
  });

  test("is told on every answer, a 401 included", async () => {
    const { clock, list } = pictify();

    const [first, unknown] = [await list(), await list("", "pk_live_nobody")];

    const reset = String((clock.now() + MINUTE_MS) / 1_000);
    expect(["limit", "remaining", "reset"].map((name) => first.headers.get(`x-ratelimit-${name}`))).toEqual([
      "300",
      "299",
      reset,
    ]);
    expect(unknown.headers.get("x-ratelimit-remaining")).toBe("300");
  });
});

describe("use", () => {
  test("of a key shows in lists 5 minutes late", async () => {
    const { clock, create, list, render } = pictify({ propagationMs: 0 });
    const { key } = (await create("web", "live")).body;
    const usedAt = new Date(clock.now()).toISOString();
    await render(key);

    await clock.advance(5 * MINUTE_MS - 1);
    const before = (await list()).body.apiKeys[1].lastUsedAt;
    await clock.advance(1);

    expect(before).toBeNull();
    expect((await list()).body.apiKeys[1].lastUsedAt).toBe(usedAt);
  });

  test("of the admin key counts like any other, and a check of a new key by listing counts too", async () => {
    const { vendor, create, list } = pictify({ propagationMs: 0 });
    const { key } = (await create("web", "live")).body;

    await list("", key);

    expect(vendor.keys()).toMatchObject([
      { access: "admin", requests: 1, lastUsedAt: expect.any(String) },
      { access: "live", requests: 1, denied: 1, lastUsedAt: expect.any(String) },
    ]);
  });

  test("is not moved by a 429", async () => {
    const { clock, vendor, render } = pictify({ rateLimit: { requestsPerMinute: 1 } });
    const { value } = vendor.issueKey({ name: "web", access: "live", propagationMs: 0 });
    await render(value);
    const { lastUsedAt } = vendor.keys()[1] ?? {};
    await clock.advance(SECOND_MS);
    await render(value);

    expect(vendor.keys()[1]).toMatchObject({ requests: 2, lastUsedAt });
  });
});

describe("a Pictify of which only the seeds are true", () => {
  test("lists all keys in one array, makes keys, and has none of the rest", async () => {
    const { vendor, create, list } = pictify({ switches: PICTIFY_SEEDS_ONLY });
    for (let count = 0; count < 25; count++) vendor.issueKey({ name: `key-${count}`, access: "test" });
    const made = await create("web", "live", { "Idempotency-Key": "token" });

    expect(made.status).toBe(201);
    expect((await list("?page=2&limit=5")).body).toHaveLength(27);
    expect((await call(vendor, `POST /api-keys/${made.body.id}/revoke`)).status).toBe(404);
    expect((await create("", "live")).body).not.toHaveProperty("errors");
  });
});

test("a person may not make a key of a type that Pictify does not have", () => {
  const { vendor } = pictify();

  expect(() => vendor.issueKey({ name: "x", access: "owner" })).toThrow(/no key type "owner"/);
});
