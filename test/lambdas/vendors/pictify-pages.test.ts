import { describe, expect, test } from "vitest";
import { Redacted } from "../../../lambdas/redacted.ts";
import { createHttp } from "../../../lambdas/vendors/http.ts";
import { pictify } from "../../../lambdas/vendors/pictify.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";

interface Server {
  readonly keys: number;
  /** The most keys that it gives in a page, whatever it is asked for. */
  readonly most: number;
  readonly refuses?: (limit: number) => boolean;
}

/** Pictify's list by pages of 20, as far as the server gives more, and what it was asked for. */
const listOf = async ({ keys, most, refuses = () => false }: Server) => {
  const clock = new VirtualClock();
  const queries: string[] = [];
  const all = Array.from({ length: keys }, (_, index) => ({ id: `key_${index}`, name: `n${index}`, type: "live" }));
  const fetch = (async (url: string) => {
    const { search, searchParams } = new URL(url);
    queries.push(search);
    const [page, asked] = [Number(searchParams.get("page") ?? 1), Number(searchParams.get("limit") ?? 20)];
    if (refuses(asked)) return new Response('{"title":"Bad limit"}', { status: 400 });
    const limit = Math.min(asked, most);
    const pagination = { page, limit, hasNext: page * limit < keys };
    return new Response(JSON.stringify({ apiKeys: all.slice((page - 1) * limit, page * limit), pagination }));
  }) as typeof globalThis.fetch;
  const http = createHttp({ fetch, clock, remainingMs: () => 120_000 });
  const connection = { baseUrl: "https://pictify.test", http, adminKey: new Redacted("admin") };
  const listing = await clock.run(pictify.list(connection));
  return { count: new Set(listing.keys.map(({ id }) => id)).size, queries };
};

describe("a list of", () => {
  test("few keys is asked for plainly, and once more, since only a page that brings nothing new ends it", async () => {
    expect(await listOf({ keys: 20, most: 100 })).toEqual({ count: 20, queries: ["", "?page=2&limit=20"] });
  });

  test("many keys is asked for by the hundred", async () => {
    const { count, queries } = await listOf({ keys: 250, most: 100 });
    expect(count).toBe(250);
    expect(queries).toEqual(["", "?page=1&limit=100", "?page=2&limit=100", "?page=3&limit=100", "?page=4&limit=100"]);
  });

  test("a vendor with smaller pages is asked for in those", async () => {
    const { count, queries } = await listOf({ keys: 120, most: 50 });
    expect(count).toBe(120);
    expect(queries.slice(2)).toEqual(["?page=2&limit=50", "?page=3&limit=50", "?page=4&limit=50"]);
  });

  test.each<[string, Partial<Server>]>([
    ["does not heed the limit", { most: 20 }],
    ["refuses a limit that is not its own", { refuses: (limit) => limit > 20 }],
  ])("a vendor that %s is whole all the same", async (_, server) => {
    const { count, queries } = await listOf({ keys: 70, most: 100, ...server });
    expect(count).toBe(70);
    expect(queries.slice(2)).toEqual(["?page=2&limit=20", "?page=3&limit=20", "?page=4&limit=20", "?page=5&limit=20"]);
  });
});
