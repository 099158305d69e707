import { describe, expect, test } from "vitest";
import type { LastUsedForm } from "../../../sandbox/vendors/last-used.ts";
import type { PageForm } from "../../../sandbox/vendors/paging.ts";
import { call, HOUR_MS, MINUTE_MS, pictify, pictograph } from "./vendor-calls.ts";

/*
 * What both vendors can be told to do as other vendors do: pages, ids, forms of last use, what counts as use, organizations.
 */
const USED_AT_MS = Date.UTC(2026, 10, 22, 14, 5, 6, 789);

describe("the last use of a key", () => {
  test.each<[LastUsedForm["lastUsed"], unknown]>([
    ["time", "2026-11-22T14:05:06.789Z"],
    ["date", "2026-11-22"],
    ["null-always", null],
    ["epoch-seconds", 1_795_356_306],
    ["epoch-milliseconds", 1_795_356_306_789],
    ["offset", "2026-11-22T19:35:06.789+05:30"],
    ["local", "2026-11-22T08:05:06.789"],
    ["english", "Nov 22, 14:05"],
  ])("is shown by both vendors in the form %s", async (lastUsed, shown) => {
    const switches = { lastUsed };
    const one = pictograph({ usageDelayMs: 0, switches });
    const other = pictify({ usageDelayMs: 0, switches });
    for (const { clock, list } of [one, other]) {
      await clock.advance(USED_AT_MS - clock.now());
      await list();
    }

    expect((await one.list()).body.api_keys[0].last_used_at).toBe(shown);
    expect((await other.list()).body.apiKeys[0].lastUsedAt).toBe(shown);
  });

  test("stands still from the moment that is told, or from now on, and catches up", async () => {
    const { clock, vendor, list } = pictify({ usageDelayMs: 0 });
    const shown = async () => (await list()).body.apiKeys[0].lastUsedAt;
    await list();
    const stoppedAt = new Date(clock.now()).toISOString();
    vendor.stopUsage();
    await clock.advance(HOUR_MS);
    await list();

    const [during, truth] = [await shown(), vendor.keys()[0]?.lastUsedAt];
    vendor.stopUsage(Number.POSITIVE_INFINITY);

    expect([during, truth]).toEqual([stoppedAt, new Date(clock.now()).toISOString()]);
    expect(await shown()).toBe(new Date(clock.now()).toISOString());
    const stopped = pictograph({ usageDelayMs: 0, usageStopsAtMs: clock.now() - 1 });
    await stopped.clock.advance(HOUR_MS);
    await stopped.list();
    expect((await stopped.list()).body.api_keys[0].last_used_at).toBeNull();
  });

  test("moves at most once in the resolution that is told", async () => {
    const { clock, list } = pictograph({ usageDelayMs: 0, usageResolutionMs: HOUR_MS });
    const shown = async () => (await list()).body.api_keys[0].last_used_at;
    await list();
    const firstAt = new Date(clock.now()).toISOString();
    await clock.advance(59 * MINUTE_MS);
    await list();
    const before = await shown();
    await clock.advance(MINUTE_MS);
    await list();

    expect([before, await shown()]).toEqual([firstAt, new Date(clock.now()).toISOString()]);
  });

  test("is not moved by verifications where they are no use, and by other calls all the same", async () => {
    const switches = { verificationsAreUse: false };
    const one = pictograph({ switches });
    const other = pictify({ switches });
    const used = (vendor: typeof one.vendor) => vendor.keys()[0]?.lastUsedAt;
    await one.list();
    await one.datasets(one.vendor.adminKey);
    await other.list();
    const before = [used(one.vendor), used(other.vendor)];

    await one.create("ci", "viewer");
    await other.create("web", "live");

    expect(before).toEqual([null, null]);
    expect([used(one.vendor), used(other.vendor)]).not.toContain(null);
  });

  test("is not moved by a verification that is refused for its rights either", async () => {
    const { vendor, list } = pictify({ switches: { verificationsAreUse: false } });
    const { id, value } = vendor.issueKey({ name: "web", access: "live", propagationMs: 0 });

    expect((await list("", value)).status).toBe(403);
    expect(vendor.keys().find((key) => key.id === id)).toMatchObject({ lastUsedAt: null, denied: 1 });
  });
});

describe("pages", () => {
  const form = (switches: Partial<PageForm>) => ({ switches });
  const filled = async (count: number, switches: Partial<PageForm>) => {
    const one = pictograph(form(switches));
    const other = pictify({ plan: "enterprise", ...form(switches) });
    for (let n = 1; n < count; n++) {
      one.vendor.issueKey({ name: `key-${n}`, access: "viewer" });
      other.vendor.issueKey({ name: `key-${n}`, access: "live" });
    }
    return { one, other };
  };
  const names = (keys: readonly { readonly name: string }[]) => keys.map(({ name }) => name);

  test("have as many keys as is told, whatever is asked for, and go on from there", async () => {
    const { one, other } = await filled(70, { pageSize: 64 });

    const first = [(await one.list()).body.api_keys, (await other.list("?limit=100")).body.apiKeys];
    const rest = [(await one.list("&limit=100&offset=64")).body.api_keys, (await other.list("?page=2")).body.apiKeys];

    expect(first.map((keys) => keys.length)).toEqual([64, 64]);
    for (const keys of rest) expect(names(keys)).toEqual([64, 65, 66, 67, 68, 69].map((n) => `key-${n}`));
  });

  test("say at Pictify that they are the last, that more follow, or nothing", async () => {
    const flags = async (pageFlags: PageForm["pageFlags"], query: string) =>
      (await (await filled(3, { pageSize: 2, pageFlags })).other.list(query)).body.pagination;

    expect(await flags("always-last", "")).toMatchObject({ total: 2, totalPages: 1, hasNext: false });
    expect(await flags("always-more", "?page=2")).toMatchObject({ total: 6, totalPages: 3, hasNext: true });
    expect(await flags("none", "")).toBeUndefined();
  });

  test("say nothing at Pictograph unless told", async () => {
    const flags = async (switches: Partial<PageForm>) => {
      const { api_keys: _, ...said } = (await (await filled(3, { pageSize: 2, ...switches })).one.list()).body;
      return said;
    };

    expect(await flags({})).toEqual({});
    expect(await flags({ pageFlags: "true" })).toEqual({ total: 3, limit: 2, offset: 0, has_more: true });
    expect(await flags({ pageFlags: "always-last" })).toEqual({ total: 2, limit: 2, offset: 0, has_more: false });
  });

  test.each([400, 404, 422] as const)(
    "past the end are refused with %i where told, in the vendor's form",
    async (status) => {
      const { one, other } = await filled(3, { pageSize: 2, pastTheEnd: status });

      const answers = [await one.list("&offset=4"), await other.list("?page=3")];

      expect(answers.map((answer) => answer.status)).toEqual([status, status]);
      expect(answers[0]?.body.error).toBe("page_out_of_range");
      expect(answers[1]?.body.type).toMatch(/page-out-of-range$/);
    },
  );

  test("past the end are the last one again where told", async () => {
    const { one, other } = await filled(3, { pageSize: 2, pastTheEnd: "last-page" });

    expect(names((await one.list("&offset=8")).body.api_keys)).toEqual(["key-2"]);
    expect(names((await other.list("?page=9")).body.apiKeys)).toEqual(["key-2"]);
  });

  test("of a size that is none are refused at once", () => {
    expect(() => pictograph(form({ pageSize: 0 }))).toThrow(RangeError);
    expect(() => pictify(form({ pageSize: 501 }))).toThrow(RangeError);
  });
});

describe("a key's id", () => {
  test.each(["id", "key_id", "keyId", "uuid"] as const)(
    "comes under the name %s, in lists and to whom makes it",
    async (idField) => {
      const one = pictograph({ switches: { idField } });
      const other = pictify({ switches: { idField } });

      const made = [
        (await one.create("ci", "viewer")).body[idField],
        (await other.create("web", "live")).body[idField],
      ];

      expect(made).toEqual([one.vendor.keys()[1]?.id, other.vendor.keys()[1]?.id]);
      expect((await one.list()).body.api_keys[1][idField]).toBe(made[0]);
      expect((await other.list()).body.apiKeys[1][idField]).toBe(made[1]);
    },
  );

  test.each(["key", "full_key"] as const)(
    "is left to the list where a create answer has none (%s)",
    async (createAnswer) => {
      const one = pictograph({ switches: { createHasId: false, createAnswer } });
      const other = pictify({ switches: { createHasId: false } });

      const made = [(await one.create("ci", "viewer")).body, (await other.create("web", "live")).body];

      for (const body of made) expect(body).not.toHaveProperty("id");
      expect(made[0]).toMatchObject({ name: "ci", [createAnswer]: one.vendor.issuedValues()[1] });
      expect(made[1]).toMatchObject({ name: "web", key: other.vendor.issuedValues()[1] });
      expect((await one.list()).body.api_keys[1].id).toBe(one.vendor.keys()[1]?.id);
    },
  );
});

describe("the admin key of another organization", () => {
  const FOREIGN = "11111111-1111-4111-8111-111111111111";

  test("lists, makes and revokes keys of its own alone, at Pictify", async () => {
    const { vendor, list, create } = pictify();
    const ours = (await create("web", "live")).body;
    const { id, value } = vendor.issueAdminKey("Admin", FOREIGN);

    const made = await call(vendor, "POST /api-keys", { key: value, json: { name: "web", type: "live" } });
    const ids = async (key?: string) => (await list("", key)).body.apiKeys.map((shown: { id: string }) => shown.id);

    expect(await ids(value)).toEqual([id, made.body.id]);
    expect(await ids()).toEqual([vendor.adminKeyId, ours.id]);
    expect((await call(vendor, `POST /api-keys/${ours.id}/revoke`, { key: value })).status).toBe(404);
    expect(vendor.keys().find((key) => key.id === made.body.id)?.organizationId).toBe(FOREIGN);
  });

  test("has a plan of its own, at Pictify", async () => {
    const { vendor, create } = pictify({ keyLimit: { live: 2 } });
    await create("web", "live");
    const { value } = vendor.issueAdminKey("Admin", FOREIGN);

    const made = await call(vendor, "POST /api-keys", { key: value, json: { name: "web", type: "live" } });

    expect([made.status, (await create("more", "live")).status]).toEqual([201, 409]);
  });

  test("is refused ours at Pictograph, or, where it does not look at what is asked for, gets its own", async () => {
    for (const organizationChecked of [true, false]) {
      const { vendor, list, organization } = pictograph({ switches: { organizationChecked } });
      const { id, value } = vendor.issueAdminKey("Admin", FOREIGN);
      const json = { organization_id: organization, name: "ci", role: "viewer" };

      const listed = await list("", value);
      const made = await call(vendor, "POST /api/v1/api-keys/", { key: value, json });

      expect([listed.status, made.status]).toEqual(organizationChecked ? [403, 403] : [200, 201]);
      if (organizationChecked) continue;
      expect(listed.body.api_keys.map((key: { id: string }) => key.id)).toEqual([id]);
      expect(vendor.keys().at(-1)).toMatchObject({ name: "ci", organizationId: FOREIGN });
    }
  });
});
