import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Listing } from "../../../lambdas/vendors/vendor.ts";
import { json, type VendorName, vendorNames, vendorThatAnswers } from "./answering.ts";

/*
 * A list is read until a page brings nothing new, whatever a vendor says of sizes, totals and further pages; and what is not a page is an
 * error, never the end.
 */
interface Server {
  readonly count: number;
  /** The most keys a page, and as many unless told. */
  readonly pageSize: number;
  readonly flags: "true" | "none" | "last" | "more";
  readonly pastTheEnd: (typeof ENDS)[number];
  /** A limit that it takes; others get 400. */
  readonly takes: "every limit" | "its own" | "none";
}

interface Window {
  readonly offset: number;
  readonly limit: number;
}

interface Item {
  readonly id: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

const items = (count: number): readonly Item[] =>
  Array.from({ length: count }, (_, n) => ({ id: `key_${n}`, name: `n${n}`, type: "live", role: "viewer" }));

const windowOf = (url: URL, pageSize: number): Window => {
  const limit = Math.min(Number(url.searchParams.get("limit") ?? pageSize), pageSize);
  const page = Number(url.searchParams.get("page") ?? 1);
  return { offset: Number(url.searchParams.get("offset") ?? (page - 1) * limit), limit };
};

/** Says how many there are and whether more follow, where each vendor says it. */
const listAnswer = (name: VendorName, shown: readonly Item[], further?: { total: number; hasMore: boolean }) => {
  if (name === "pictograph")
    return json(200, { api_keys: shown, ...(further ? { total: further.total, has_more: further.hasMore } : {}) });
  const pagination = further && { total: further.total, hasNext: further.hasMore };
  return json(200, { apiKeys: shown, ...(pagination ? { pagination } : {}) });
};

const saidBy = ({ flags, count }: Server, { offset, limit }: Window) => {
  if (flags === "none") return undefined;
  if (flags === "last") return { total: Math.min(count, offset + limit), hasMore: false };
  if (flags === "more") return { total: count + limit, hasMore: true };
  return { total: count, hasMore: offset + limit < count };
};

const isLimitTaken = (url: URL, { takes, pageSize }: Server): boolean => {
  const limit = url.searchParams.get("limit");
  return limit === null || takes === "every limit" || (takes === "its own" && Number(limit) === pageSize);
};

const answerOf = (name: VendorName, server: Server, url: URL): Response => {
  const all = items(server.count);
  const asked = windowOf(url, server.pageSize);
  if (!isLimitTaken(url, server)) return json(400, { error: "bad_limit", message: "No such limit." });
  const isPast = asked.offset > 0 && asked.offset >= server.count;
  if (isPast && typeof server.pastTheEnd === "number")
    return json(server.pastTheEnd, { error: "no_page", message: "" });
  const last = Math.floor((server.count - 1) / asked.limit) * asked.limit;
  const instead =
    { empty: asked.offset, "last page": last, "first page": 0 }[String(server.pastTheEnd)] ?? asked.offset;
  const window = { ...asked, offset: isPast ? instead : asked.offset };
  return listAnswer(name, all.slice(window.offset, window.offset + window.limit), saidBy(server, window));
};

const listOf = async (name: VendorName, answering: (url: URL, call: number) => Response) => {
  const asked = vendorThatAnswers(name, ({ url, call }) => answering(url, call));
  const listing: Listing = await asked.run(asked.vendor.list(asked.connection));
  return { listing, requests: asked.requests };
};

const idsOf = ({ keys }: Listing): readonly string[] => keys.map(({ id }) => id);

const ENDS = ["empty", "last page", "first page", 400, 404, 405, 410, 422, 501] as const;

const servers: fc.Arbitrary<Server> = fc.record({
  count: fc.integer({ min: 0, max: 150 }),
  pageSize: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 13, max: 500 })),
  flags: fc.constantFrom("true", "none", "last", "more"),
  pastTheEnd: fc.constantFrom<Server["pastTheEnd"]>(...ENDS),
  takes: fc.constantFrom("every limit", "its own", "none"),
});

/** Says that more follow, of a total that there is not, and then refuses them: nobody can tell that from an error. */
const isAnnouncedAndRefused = ({ flags, pastTheEnd }: Server): boolean =>
  flags === "more" && typeof pastTheEnd === "number";

describe.each(vendorNames)("%s", (name) => {
  test("is listed whole, however it pages, whatever it says of it, and however it ends", async () => {
    await fc.assert(
      fc.asyncProperty(servers, async (server) => {
        fc.pre(!isAnnouncedAndRefused(server));
        const { listing } = await listOf(name, (url) => answerOf(name, server, url));
        expect(idsOf(listing)).toEqual(items(server.count).map(({ id }) => id));
      }),
      { numRuns: 150 },
    );
  });

  test.each([1, 2, 19, 20, 21, 32, 48, 64, 99, 100, 101, 128, 250, 256, 499, 500])(
    "is listed whole with pages of %i that say that they are the last",
    async (pageSize) => {
      for (const count of [pageSize, pageSize + 1, 2 * pageSize]) {
        const server: Server = { count, pageSize, flags: "last", pastTheEnd: "empty", takes: "every limit" };
        const { listing } = await listOf(name, (url) => answerOf(name, server, url));
        expect(listing.keys).toHaveLength(count);
      }
    },
  );

  test("that ignores pages is asked twice, and listed once", async () => {
    const { listing, requests } = await listOf(name, () => listAnswer(name, items(64)));
    expect(listing.keys).toHaveLength(64);
    expect(requests).toHaveLength(2);
  });

  test.each(["last", "none"] as const)(
    "that refuses the limit of a further page is asked without it (%s)",
    async (flags) => {
      const server: Server = { count: 200, pageSize: 64, flags, pastTheEnd: 404, takes: "none" };
      const { listing, requests } = await listOf(name, (url) => answerOf(name, server, url));
      expect(listing.keys).toHaveLength(200);
      expect(requests.filter((request) => request.includes("limit="))).toHaveLength(1);
    },
  );

  test.each([500, 502, 503, 429, 408, 401, 403, 206])(
    "is not listed at all where a further page is answered %i",
    async (status) => {
      const server: Server = { count: 100, pageSize: 20, flags: "last", pastTheEnd: "empty", takes: "every limit" };
      const asked = vendorThatAnswers(name, ({ url }) =>
        windowOf(url, 20).offset === 40 ? json(status, { api_keys: [], apiKeys: [] }) : answerOf(name, server, url),
      );
      await expect(asked.run(asked.vendor.list(asked.connection))).rejects.toMatchObject({
        name: expect.stringMatching(/^VENDOR_/),
      });
    },
  );

  test.each([
    ["a web page", new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["nothing", new Response("", { status: 200 })],
    ["204", new Response(null, { status: 204 })],
    ["JSON without a list", json(200, { message: "Forbidden" })],
    ["an error", json(200, { error: { code: "internal_error", message: "no" } })],
    ["null for the list", json(200, { api_keys: null, apiKeys: null })],
    ["an item that is none", json(200, { api_keys: ["x"], apiKeys: ["x"] })],
    ["an item without an id", json(200, { api_keys: [{ name: "x" }], apiKeys: [{ name: "x" }] })],
    [
      "JSON that breaks off",
      new Response('{"api_keys":[{"id":"1","name"', { headers: { "content-type": "application/json" } }),
    ],
  ])("is not listed at all where the first or a further page is %s", async (_, wrong) => {
    const server: Server = { count: 100, pageSize: 20, flags: "none", pastTheEnd: "empty", takes: "every limit" };
    for (const offset of [0, 40]) {
      const asked = vendorThatAnswers(name, ({ url }) =>
        windowOf(url, 20).offset === offset ? wrong.clone() : answerOf(name, server, url),
      );
      await expect(asked.run(asked.vendor.list(asked.connection))).rejects.toMatchObject({ code: "BAD_ANSWER" });
    }
  });

  test.each([400, 404, 422])(
    "that has announced a page and refuses it with %i is not listed at all",
    async (status) => {
      const server: Server = { count: 100, pageSize: 20, flags: "true", pastTheEnd: "empty", takes: "every limit" };
      const asked = vendorThatAnswers(name, ({ url }) =>
        windowOf(url, 20).offset >= 40 ? json(status, { error: "no_page", message: "x" }) : answerOf(name, server, url),
      );
      await expect(asked.run(asked.vendor.list(asked.connection))).rejects.toMatchObject({ retryable: false });
    },
  );

  test("that announces more than it says there are in all is believed in its total", async () => {
    const asked = await listOf(name, (url) =>
      windowOf(url, 20).offset >= 30
        ? json(404, { error: "no_page", message: "x" })
        : listAnswer(name, items(30).slice(windowOf(url, 20).offset, windowOf(url, 20).offset + 20), {
            total: 30,
            hasMore: true,
          }),
    );
    expect(asked.listing.keys).toHaveLength(30);
  });

  test("is listed with each key once, however its pages overlap and in whatever order they come", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 2, max: 25 }),
        fc.integer({ min: 0, max: 1_000 }),
        async (count, pageSize, seed) => {
          const all = items(count);
          const { listing } = await listOf(name, (url, call) => {
            const { offset } = windowOf(url, pageSize);
            // One key of the page before comes again, since another was made meanwhile.
            const shown = all.slice(Math.max(0, offset - 1), offset + pageSize - 1 + (offset === 0 ? 1 : 0));
            return listAnswer(name, (seed + call) % 2 ? shown : [...shown].reverse());
          });
          expect(new Set(idsOf(listing)).size).toBe(listing.keys.length);
          expect([...idsOf(listing)].sort()).toEqual(all.map(({ id }) => id).sort());
        },
      ),
    );
  });

  test("that shows one page for every other ends with it", async () => {
    const { listing, requests } = await listOf(name, () => listAnswer(name, items(20), { total: 500, hasMore: true }));
    expect(listing.keys).toHaveLength(20);
    expect(requests.length).toBeLessThanOrEqual(3);
  });

  describe("with a key that is listed twice", () => {
    const twice = async (one: object, other: object) => {
      const base = { id: "key_0", name: "web" };
      for (const both of [
        [one, other],
        [other, one],
      ]) {
        const { listing } = await listOf(name, () =>
          listAnswer(
            name,
            both.map((more) => ({ ...base, ...more })),
          ),
        );
        if (listing.keys.length !== 1) throw new Error(`${listing.keys.length} keys are listed`);
        results.push(listing.keys[0] ?? {});
      }
      return results.splice(0);
    };
    const results: object[] = [];

    test.each<[string, object, object, object]>([
      [
        "it is active if either says so",
        { is_active: true, isActive: true },
        { is_active: false, isActive: false },
        { active: true },
      ],
      [
        "the later use counts",
        { last_used_at: "2026-11-22T14:05:06Z" },
        { last_used_at: "2026-11-20T14:05:06Z" },
        { lastUse: Date.UTC(2026, 10, 22, 14, 5, 6) },
      ],
      [
        "a use counts against null",
        { last_used_at: "2026-11-22T14:05:06Z" },
        { last_used_at: null },
        { lastUse: Date.UTC(2026, 10, 22, 14, 5, 6) },
      ],
      [
        "what is not understood counts against null",
        { last_used_at: "today" },
        { last_used_at: null },
        { lastUse: "not understood" },
      ],
      ["null counts against nothing", { last_used_at: null }, {}, { lastUse: "never" }],
      [
        "an end of its own is told",
        { expires_at: "2026-12-24T00:00:00Z" },
        {},
        { expiresAtMs: Date.UTC(2026, 11, 24) },
      ],
    ])("%s", async (_, one, other, expected) => {
      for (const key of await twice(one, other)) expect(key).toMatchObject(expected);
    });

    test("a time is no coarser than the form that it came in", async () => {
      const [first, second] = await twice({ last_used_at: "2026-11-20" }, { last_used_at: "2026-11-22T14:05:06Z" });
      for (const key of [first, second]) expect(key).not.toHaveProperty("lastUseSpanMs");
    });
  });
});

test.each([400, 404, 405, 422])("Pictify's larger page is not needed where it is refused with %i", async (status) => {
  const server: Server = { count: 50, pageSize: 20, flags: "true", pastTheEnd: "empty", takes: "every limit" };
  const { listing } = await listOf("pictify", (url) =>
    url.searchParams.get("limit") === "100" ? json(status, {}) : answerOf("pictify", server, url),
  );
  expect(listing.keys).toHaveLength(50);
});
