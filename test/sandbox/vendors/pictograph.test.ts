import { describe, expect, test } from "vitest";
import { PICTOGRAPH_SEEDS_ONLY } from "../../../sandbox/vendors/pictograph-options.ts";
import { call, DAY_MS, HOUR_MS, MINUTE_MS, pictograph, SECOND_MS } from "./vendor-calls.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("authentication", () => {
  test("a call without X-API-Key gets 401 and an error with code and message", async () => {
    const { vendor } = pictograph();

    const answer = await call(vendor, "GET /api/v1/developer/datasets/", { key: null });

    expect(answer.status).toBe(401);
    expect(answer.body.error).toEqual({ code: "missing_api_key", message: expect.any(String) });
  });

  test("an unknown key gets 401 invalid_api_key", async () => {
    const { datasets } = pictograph();

    const answer = await datasets("pk_live_nobody");

    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      error: { code: "invalid_api_key", message: "The provided API key is invalid or has been revoked." },
    });
  });

  test("a key sent as a Bearer token is no key", async () => {
    const { vendor } = pictograph();

    const answer = await call(vendor, "GET /api/v1/developer/datasets/", {
      key: null,
      headers: { Authorization: `Bearer ${vendor.adminKey}` },
    });

    expect(answer.status).toBe(401);
  });
});

describe("creating a key", () => {
  test("gives its value once, in key: pk_live_ and 32 characters", async () => {
    const { create, list } = pictograph();

    const made = await create("ci", "member");

    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ id: expect.stringMatching(UUID), name: "ci", role: "member" });
    expect(made.body.key).toMatch(/^pk_live_[A-Za-z0-9]{32}$/);
    expect((await list()).text).not.toContain(made.body.key);
  });

  test("gives id, name, role, key_prefix and full_key in the newer form", async () => {
    const { create } = pictograph({ switches: { createAnswer: "full_key" } });

    const { body } = await create("ci", "member");

    expect(Object.keys(body).sort()).toEqual(["full_key", "id", "key_prefix", "name", "role"]);
    expect(body.full_key.startsWith(body.key_prefix)).toBe(true);
  });

  test("gives 32 bytes of base64 in the newer key format, and such a key works", async () => {
    const { clock, create, datasets } = pictograph({ switches: { keyFormat: "base64" } });

    const { body } = await create("ci", "viewer");
    await clock.advance(5 * SECOND_MS);

    expect(Buffer.from(body.key.slice("pk_live_".length), "base64")).toHaveLength(32);
    expect((await datasets(body.key)).status).toBe(200);
  });

  test("allows the same name twice", async () => {
    const { create, list } = pictograph();

    const [first, second] = [await create("ci", "viewer"), await create("ci", "viewer")];

    expect(first.body.id).not.toBe(second.body.id);
    const { api_keys: keys } = (await list()).body;
    expect(keys.filter((key: { name: string }) => key.name === "ci")).toHaveLength(2);
  });

  test.each([
    ["no name", { name: undefined }],
    ["an empty name", { name: "" }],
    ["a name that is too long", { name: "x".repeat(256) }],
    ["an unknown role", { role: "root" }],
    ["no role", { role: undefined }],
    ["an expiry that is no time", { expires_at: "soon" }],
    ["no organization", { organization_id: undefined }],
  ])("refuses %s with 400 and makes nothing", async (_, change) => {
    const { vendor, create } = pictograph();

    const answer = await create("ci", "member", change);

    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error: "invalid_request", message: expect.any(String) });
    expect(vendor.keys()).toHaveLength(1);
  });

  test("refuses a body that is not JSON", async () => {
    const { vendor } = pictograph();

    expect((await call(vendor, "POST /api/v1/api-keys/", { json: "{" })).status).toBe(400);
  });

  test("fails when the organization has as many active keys as it may have, and works again after a revocation", async () => {
    const { vendor, create } = pictograph({ keyLimit: 2 });
    const { body } = await create("first", "viewer");

    const refused = await create("second", "viewer");
    await call(vendor, `DELETE /api/v1/api-keys/${body.id}`);
    const allowed = await create("second", "viewer");

    expect(refused.status).toBe(409);
    expect(refused.body.error).toBe("key_limit_reached");
    expect(allowed.status).toBe(201);
  });
});

describe("the life of a key", () => {
  test("a new key gets 401 until it has propagated", async () => {
    const { clock, create, datasets } = pictograph();
    const { key } = (await create("ci", "viewer")).body;

    await clock.advance(4_999);
    const before = await datasets(key);
    await clock.advance(1);
    const after = await datasets(key);

    expect([before.status, after.status]).toEqual([401, 200]);
  });

  test("a revoked key gets 401 at once, stays in the list as inactive, and can't be revoked again", async () => {
    const { clock, vendor, create, list, datasets } = pictograph();
    const { id, key } = (await create("ci", "viewer")).body;
    await clock.advance(5 * SECOND_MS);

    const revoked = await call(vendor, `DELETE /api/v1/api-keys/${id}`);

    expect(revoked.status).toBe(204);
    expect((await datasets(key)).status).toBe(401);
    expect((await list()).body.api_keys).toContainEqual(expect.objectContaining({ id, is_active: false }));
    expect((await call(vendor, `DELETE /api/v1/api-keys/${id}`)).status).toBe(404);
  });

  test("a revocation may take a second to reach the key's own calls, while the list shows it at once", async () => {
    const { clock, vendor, create, list, datasets } = pictograph({ revocationMs: 1_000 });
    const { id, key } = (await create("ci", "viewer")).body;
    await clock.advance(5 * SECOND_MS);
    await call(vendor, `DELETE /api/v1/api-keys/${id}`);

    await clock.advance(999);
    const within = await datasets(key);
    const shown = (await list()).body.api_keys;
    await clock.advance(1);
    const after = await datasets(key);

    expect([within.status, after.status]).toEqual([200, 401]);
    expect(shown).toContainEqual(expect.objectContaining({ id, is_active: false }));
  });

  test("an id that was never given out, a UUID or not, is a 404", async () => {
    const { vendor } = pictograph();

    const answer = await call(vendor, "DELETE /api/v1/api-keys/key-uuid");

    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({ error: "not_found", message: expect.any(String) });
  });

  test("a key with an expiry stops working then, and is shown as inactive", async () => {
    const { clock, create, list, datasets } = pictograph();
    const expiresAt = new Date(clock.now() + HOUR_MS).toISOString();
    const { id, key } = (await create("ci", "viewer", { expires_at: expiresAt })).body;

    await clock.advance(HOUR_MS - 1);
    const before = await datasets(key);
    await clock.advance(1);

    expect(before.status).toBe(200);
    expect((await datasets(key)).status).toBe(401);
    const shown = (await list()).body.api_keys;
    expect(shown).toContainEqual(expect.objectContaining({ id, is_active: false, expires_at: expiresAt }));
  });

  test("update changes name and role in place: the value stays, its rights change", async () => {
    const { clock, vendor, create } = pictograph();
    const { id, key } = (await create("ci", "viewer")).body;
    await clock.advance(5 * SECOND_MS);
    const upload = () => call(vendor, "POST /api/v1/developer/images/", { key, json: {} });
    const before = await upload();

    const updated = await call(vendor, `PATCH /api/v1/api-keys/${id}`, { json: { role: "member", name: "ci-2" } });

    expect(updated.body).toMatchObject({ id, name: "ci-2", role: "member" });
    expect(updated.text).not.toContain(key);
    expect([before.status, (await upload()).status]).toEqual([403, 201]);
  });

  test("get shows one key without its value", async () => {
    const { vendor, create } = pictograph();
    const { id, key } = (await create("ci", "viewer")).body;

    const answer = await call(vendor, `GET /api/v1/api-keys/${id}`);

    expect(answer.body).toMatchObject({ id, name: "ci", is_active: true });
    expect(answer.text).not.toContain(key);
  });
});

describe("the list of keys", () => {
  test("shows what the documentation shows of each key", async () => {
    const { clock, create, list } = pictograph({ plan: "free" });
    const made = (await create("ci", "member")).body;

    const { api_keys: keys } = (await list()).body;

    expect(keys[1]).toEqual({
      id: made.id,
      name: "ci",
      key_prefix: made.key.slice(0, 12),
      role: "member",
      rate_limit: 1_000,
      is_active: true,
      last_used_at: null,
      created_at: new Date(clock.now()).toISOString(),
      expires_at: null,
    });
  });

  test("needs the organization to be named", async () => {
    const { vendor } = pictograph();

    expect((await call(vendor, "GET /api/v1/api-keys/")).status).toBe(400);
  });

  test("takes limit and offset, oldest first", async () => {
    const { create, list } = pictograph();
    for (const name of ["a", "b", "c"]) await create(name, "viewer");

    const page = (await list("&limit=2&offset=1")).body.api_keys;

    expect(page.map((key: { name: string }) => key.name)).toEqual(["a", "b"]);
    expect((await list("&limit=none")).status).toBe(400);
  });

  test("a key made between two pages is not missed, and shifts nothing", async () => {
    const { create, list } = pictograph();
    for (const name of ["a", "b", "c"]) await create(name, "viewer");
    const names = async (query: string) => (await list(query)).body.api_keys.map((key: { name: string }) => key.name);

    const first = await names("&limit=2");
    await create("d", "viewer");
    const rest = [...(await names("&limit=2&offset=2")), ...(await names("&limit=2&offset=4"))];

    expect([...first, ...rest]).toEqual(["Admin", "a", "b", "c", "d"]);
  });
});

describe("use", () => {
  test("shows in lists only after the reporting delay, and in keys() at once", async () => {
    const { clock, vendor, create, list, datasets } = pictograph();
    const { id, key } = (await create("ci", "viewer")).body;
    const lastUsed = async () =>
      (await list()).body.api_keys.find((shown: { id: string }) => shown.id === id).last_used_at;
    await clock.advance(10 * SECOND_MS);
    const usedAt = new Date(clock.now()).toISOString();
    await datasets(key);

    await clock.advance(5 * MINUTE_MS - 1);
    const before = await lastUsed();
    await clock.advance(1);

    expect(before).toBeNull();
    expect(await lastUsed()).toBe(usedAt);
    expect(vendor.keys()[1]).toMatchObject({ lastUsedAt: usedAt, requests: 1, denied: 0 });
  });

  test("is moved by a call refused with 403, which proves the key alive, unless switched off", async () => {
    for (const refusedCallsAreUse of [true, false]) {
      const { clock, vendor, create, list } = pictograph({ switches: { refusedCallsAreUse } });
      const { key } = (await create("ci", "viewer")).body;
      await clock.advance(5 * SECOND_MS);

      const refused = await list("", key);

      expect(refused.status).toBe(403);
      expect(vendor.keys()[1]?.lastUsedAt !== null).toBe(refusedCallsAreUse);
      expect(vendor.keys()[1]).toMatchObject({ requests: 1, denied: 1 });
    }
  });

  test("is not moved by failed calls: 401 of a revoked key, 404, 400", async () => {
    const { clock, vendor, create, datasets } = pictograph();
    const { id, key } = (await create("ci", "viewer")).body;
    await clock.advance(5 * SECOND_MS);
    await call(vendor, "GET /api/v1/developer/datasets/unknown", { key });
    await call(vendor, "GET /api/v1/developer/datasets/?limit=x", { key });
    await call(vendor, `DELETE /api/v1/api-keys/${id}`);
    await datasets(key);

    expect(vendor.keys()[1]).toMatchObject({ lastUsedAt: null, requests: 3, denied: 1 });
  });

  test("may be shown as a bare date, or not at all", async () => {
    const shown = async (lastUsed: "date" | "missing") => {
      const { clock, list } = pictograph({ switches: { lastUsed }, usageDelayMs: 0 });
      await list();
      await clock.advance(DAY_MS);
      return (await list()).body.api_keys[0];
    };

    expect((await shown("date")).last_used_at).toBe("2026-01-01");
    expect(await shown("missing")).not.toHaveProperty("last_used_at");
  });

  test("a key never used may lack the field", async () => {
    const { create, list } = pictograph({ switches: { neverUsed: "missing" } });
    await create("ci", "viewer");

    expect((await list()).body.api_keys[1]).not.toHaveProperty("last_used_at");
  });
});

describe("the rate limit", () => {
  test("counts each key over a sliding hour and answers 429 with Retry-After and a flat error", async () => {
    const { clock, vendor, create, datasets } = pictograph({ rateLimit: { requestsPerHour: 2 }, propagationMs: 0 });
    const { key } = (await create("ci", "viewer")).body;
    await datasets(key);
    await clock.advance(10 * MINUTE_MS);
    await datasets(key);

    const refused = await datasets(key);
    await clock.advance(50 * MINUTE_MS);
    const allowed = await datasets(key);
    const refusedAgain = await datasets(key);

    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("3000");
    expect(refused.body).toEqual({ error: "rate_limit_exceeded", message: expect.any(String), retry_after: 3_000 });
    expect([allowed.status, refusedAgain.status]).toEqual([200, 429]);
    expect(vendor.keys()[1]).toMatchObject({ requests: 5, denied: 0 });
  });

  test("is told on every answer, refusals included", async () => {
    const { clock, create, datasets } = pictograph({ plan: "starter" });
    const { key } = (await create("ci", "viewer")).body;
    const early = await datasets(key);
    await clock.advance(5 * SECOND_MS);
    const first = await datasets(key);

    expect(early.status).toBe(401);
    expect(early.headers.get("x-ratelimit-remaining")).toBe("5000");
    expect(first.headers.get("x-ratelimit-limit")).toBe("5000");
    expect(first.headers.get("x-ratelimit-remaining")).toBe("4999");
    expect(first.headers.get("x-ratelimit-reset")).toBe(String((clock.now() + HOUR_MS) / 1_000));
  });
});

describe("the vendor's clock", () => {
  test("is in the Date header of every answer, and in the times it shows", async () => {
    const { clock, create } = pictograph({ clockSkewMs: 3 * MINUTE_MS });

    const made = await create("ci", "viewer");

    const vendorTime = new Date(clock.now() + 3 * MINUTE_MS);
    expect(made.headers.get("date")).toBe(vendorTime.toUTCString());
    expect(made.body.created_at).toBe(vendorTime.toISOString());
  });
});

describe("what a person does in the dashboard", () => {
  test("makes keys and revokes keys, the admin key included", async () => {
    const { clock, vendor, list, datasets } = pictograph();
    const issued = vendor.issueKey({ name: "by hand", access: "member" });
    const second = vendor.issueAdminKey("Second");
    await clock.advance(5 * SECOND_MS);
    const works = await datasets(issued.value);

    vendor.revokeKey(issued.id);
    vendor.revokeKey(vendor.adminKeyId);

    expect(works.status).toBe(200);
    expect((await datasets(issued.value)).status).toBe(401);
    expect((await list()).status).toBe(401);
    expect((await list("", second.value)).status).toBe(200);
  });

  test("fails clearly for a role or an id that does not exist", () => {
    const { vendor } = pictograph();

    expect(() => vendor.issueKey({ name: "x", access: "live" })).toThrow(/no role "live"/);
    expect(() => vendor.revokeKey("nothing")).toThrow(/No key has the id "nothing"/);
  });
});

describe("the simulator's own view", () => {
  test("knows every value ever issued and never shows one among the facts", async () => {
    const { vendor, create } = pictograph();
    const { key } = (await create("ci", "viewer")).body;
    const { value } = vendor.issueKey({ name: "by hand", access: "viewer" });

    expect(vendor.issuedValues()).toEqual([vendor.adminKey, key, value]);
    expect(JSON.stringify(vendor.keys())).not.toMatch(/pk_live_/);
  });

  test("counts calls by operation, whatever was answered", async () => {
    const { vendor, create, list, datasets } = pictograph();
    await create("ci", "viewer");
    await list();
    await datasets("pk_live_nobody");
    await call(vendor, "GET /nowhere");
    await list();

    expect(vendor.calls()).toEqual([
      { operation: "create", count: 1 },
      { operation: "list", count: 2 },
      { operation: "datasets", count: 1 },
      { operation: "other", count: 1 },
    ]);
  });

  test("is the same to the letter for the same seed", async () => {
    const values = [pictograph(), pictograph()].map(({ vendor }) => vendor.adminKey);

    expect(values[0]).toBe(values[1]);
  });
});

describe("a Pictograph of which only the seeds are true", () => {
  const seedsOnly = () => pictograph({ switches: PICTOGRAPH_SEEDS_ONLY });

  test("shows id, name and role of a key, and no longer a revoked one", async () => {
    const { vendor, create, list } = seedsOnly();
    const { id, key } = (await create("ci", "viewer")).body;
    const before = (await list()).body.api_keys[1];

    await call(vendor, `DELETE /api/v1/api-keys/${id}`);

    expect(key).toMatch(/^pk_live_/);
    expect(before).toEqual({ id, name: "ci", role: "viewer" });
    expect((await list()).body.api_keys).toHaveLength(1);
    expect(vendor.keys()[1]).toMatchObject({
      id,
      active: false,
      revokedAt: expect.any(String),
      deletedAt: expect.any(String),
    });
  });

  test("has neither get nor update, and says so with the status it was told", async () => {
    const { vendor, create } = pictograph({ switches: { ...PICTOGRAPH_SEEDS_ONLY, missingEndpointStatus: 405 } });
    const { id } = (await create("ci", "viewer")).body;

    expect((await call(vendor, `GET /api/v1/api-keys/${id}`)).status).toBe(405);
    expect((await call(vendor, `PATCH /api/v1/api-keys/${id}`, { json: { name: "x" } })).status).toBe(405);
  });

  test("has the nested error everywhere and no rate limit headers", async () => {
    const { vendor } = seedsOnly();

    const answer = await call(vendor, "DELETE /api/v1/api-keys/key-uuid");

    expect(answer.body).toEqual({ error: { code: "not_found", message: expect.any(String) } });
    expect(answer.headers.has("x-ratelimit-limit")).toBe(false);
  });

  test("lets owners alone manage keys", async () => {
    const { vendor, list } = seedsOnly();
    const admin = vendor.issueKey({ name: "admin", access: "admin", propagationMs: 0 });

    expect((await list("", admin.value)).status).toBe(403);
  });
});
