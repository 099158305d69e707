import { describe, expect, test } from "vitest";
import { isActive, ownLabels, passes, written } from "../../reconciliation/passes.ts";
import { answerWith } from "../../rotation/begun.ts";
import type { VendorName } from "../../second-connection.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, type Stand, type StandOptions } from "../../stand.ts";
import { callAt, declaredAt, type Switches, standWith, VENDORS } from "./vendor-keys.ts";

/* A replaced key that a workload goes on calling with, at vendors that tell its last use in all kinds of forms. */

type Key = Readonly<Record<string, unknown>>;

/** The time of last use as a vendor has it in its list; `undefined`: it has none yet. */
const usedIn = ({ lastUsedAt, last_used_at }: Key): number | undefined => {
  const text = lastUsedAt ?? last_used_at;
  return typeof text === "string" ? Date.parse(text) : undefined;
};

/** From now on lists tell the last use of keys in another form, under the field `name` or the vendor's own. */
const telling = (stand: Stand, form: (usedMs: number, nowMs: number) => unknown, name?: string): void => {
  const told = (key: Key): Key => {
    const usedMs = usedIn(key);
    if (usedMs === undefined) return key;
    const { lastUsedAt: _, last_used_at: __, ...rest } = key;
    const own = "lastUsedAt" in key ? "lastUsedAt" : "last_used_at";
    return { ...rest, [name ?? own]: form(usedMs, stand.clock.now()) };
  };
  answerWith(
    stand,
    (url, { method = "GET" }) => method === "GET" && /\/api-keys\/?(\?|$)/.test(url),
    async (url, init, send) => {
      const answer = await send(url, init);
      if (!answer.ok) return answer;
      const body = (await answer.json()) as Record<string, readonly Key[]>;
      const lists = ["apiKeys", "api_keys"].flatMap((field) => (body[field] ? [[field, body[field].map(told)]] : []));
      const headers = { date: answer.headers.get("date") ?? "" };
      return Response.json({ ...body, ...Object.fromEntries(lists) }, { headers });
    },
  );
};

interface Replaced {
  readonly stand: Stand;
  readonly vendor: VendorName;
  readonly arn: string;
  readonly old: { readonly apiKey: string; readonly keyId: string };
}

const replaced = async (vendor: VendorName, switches: Switches, options: StandOptions = {}): Promise<Replaced> => {
  const stand = await standWith(switches, { ...options, grants: { reconcileInterval: "PT15M" } });
  const arn = await stand.deploy(declaredAt(vendor));
  await stand.clock.advance(HOUR_MS);
  const old = await stand.currentKey(arn);
  await callAt(stand, vendor, old.apiKey);
  await stand.clock.advance(HOUR_MS);
  await stand.rotate(arn);
  return { stand, vendor, arn, old };
};

/** A workload calls again and again, and is never refused. */
const inUse = async ({ stand, vendor, old }: Replaced, calls: number, everyMs = HOUR_MS): Promise<void> => {
  for (let n = 0; n < calls; n++) {
    await passes(stand, 4, everyMs / 4);
    expect(await callAt(stand, vendor, old.apiKey)).not.toBe(401);
  }
};

const isAlive = ({ stand, vendor, old }: Replaced) => isActive(stand[vendor], old.keyId);

/** A workload calls each hour, from the replacement until some hours after the overlap, as long as a quiet period takes and longer. */
const inUseThroughout = async (one: Replaced, everyMs = HOUR_MS): Promise<void> => {
  const { stand, vendor, old } = one;
  for (let hour = 0; hour < 23; hour++) {
    await stand.clock.advance(HOUR_MS);
    await callAt(stand, vendor, old.apiKey);
  }
  await inUse(one, (5 * HOUR_MS) / everyMs, everyMs);
};

/** It goes once it was quiet, and not before. */
const expectRead = async (one: Replaced, everyMs?: number): Promise<void> => {
  await inUseThroughout(one, everyMs);
  expect(written(one.stand, "UseNotUnderstood")).toEqual([]);
  await passes(one.stand, 17, 3 * HOUR_MS);
  expect(isAlive(one)).toBe(false);
  expect(await ownLabels(one.stand, one.arn)).toEqual([]);
};

/** Nobody can know when it goes quiet: it stays, and somebody is told. */
const expectNotUnderstood = async (one: Replaced): Promise<void> => {
  await inUseThroughout(one);
  await passes(one.stand, 17, 3 * HOUR_MS);
  expect(isAlive(one)).toBe(true);
  expect(written(one.stand, "UseNotUnderstood").length).toBeGreaterThan(0);
  const labels = (await ownLabels(one.stand, one.arn)).filter((label) => !label.startsWith("keyturn/unshown/"));
  expect(labels).toEqual([expect.stringMatching(/^keyturn\/retiring\//)]);
};

const iso = (ms: number): string => new Date(ms).toISOString();

describe.each(VENDORS)("a key in use of %s, whose list tells its last use", (vendor) => {
  test.each(["time", "date", "epoch-seconds", "epoch-milliseconds", "offset"] as const)(
    "as %s, goes once it is quiet",
    async (lastUsed) => {
      await expectRead(await replaced(vendor, { lastUsed }));
    },
  );

  test.each<[string, (usedMs: number) => unknown]>([
    ["in the form of HTTP", (ms) => new Date(ms).toUTCString()],
    [
      "with a blank, and the offset of Nepal",
      (ms) =>
        iso(ms + 345 * MINUTE_MS)
          .replace("T", " ")
          .replace("Z", "+0545"),
    ],
    ["with the offset of New York by the hour", (ms) => iso(ms - 5 * HOUR_MS).replace("Z", "-05")],
    ["to the minute", (ms) => `${iso(ms).slice(0, 16)}Z`],
    ["to the nanosecond", (ms) => iso(ms).replace("Z", "123456Z")],
    ["as a text of seconds", (ms) => String(Math.floor(ms / 1_000))],
    ["as seconds with a fraction", (ms) => ms / 1_000],
  ])("%s, goes once it is quiet", async (_, form) => {
    const one = await replaced(vendor, {});
    telling(one.stand, form);
    await expectRead(one);
  });

  test.each(["lastUsed", "last_used", "last_used_at", "lastUsedAt"])(
    "in the field %s, goes once it is quiet",
    async (field) => {
      const one = await replaced(vendor, {});
      telling(one.stand, iso, field);
      await expectRead(one);
    },
  );

  test("once an hour, as is declared, goes once it is quiet", async () => {
    const usage = { usageResolutionMs: HOUR_MS };
    const connections = {
      pictify: { lastUseResolution: "PT1H", plan: "enterprise" },
      pictograph: { lastUseResolution: "PT1H" },
    };
    await expectRead(await replaced(vendor, {}, { pictify: usage, pictograph: usage, connections }), 50 * MINUTE_MS);
  });

  test.each(["local", "english"] as const)("as %s, stays", async (lastUsed) => {
    await expectNotUnderstood(await replaced(vendor, { lastUsed }));
  });

  test.each<[string, (usedMs: number, nowMs: number) => unknown]>([
    ["in the order of Europe", (ms) => new Date(ms).toLocaleString("en-GB", { timeZone: "UTC" }).replace(",", "")],
    ["in the order of America", (ms) => new Date(ms).toLocaleDateString("en-US", { timeZone: "UTC" })],
    ["without a zone and with a blank", (ms) => iso(ms).slice(0, 19).replace("T", " ")],
    ["in the basic form", (ms) => iso(ms).slice(0, 19).replaceAll(/[-:]/g, "").concat("Z")],
    ["in words", () => "2 hours ago"],
    ["in microseconds", (ms) => ms * 1_000],
    ["as days since 1970", (ms) => Math.floor(ms / DAY_MS)],
    ["as an object", (ms) => ({ seconds: ms / 1_000 })],
    ["as nothing at all", () => ""],
    ["as false", () => false],
    ["as zero", () => 0],
    ["as the zero of a language", () => "0001-01-01T00:00:00Z"],
    ["as a day that there is not", () => "2026-02-30T10:00:00Z"],
    ["as long before it was made", () => "2024-05-05T10:00:00Z"],
    ["as tomorrow", (_, nowMs) => iso(nowMs + DAY_MS)],
  ])("%s, stays", async (_, form) => {
    const one = await replaced(vendor, {});
    telling(one.stand, form);
    await expectNotUnderstood(one);
  });
});

describe("a key in use of Pictograph, which answers a call of ours with success, and whose list tells", () => {
  test("null for every key, stays", async () => {
    await expectNotUnderstood(await replaced("pictograph", { lastUsed: "null-always" }));
  });

  test("no use since the rotation, as its reports stand still, stays", async () => {
    const one = await replaced("pictograph", {});
    one.stand.pictograph.stopUsage();
    await expectNotUnderstood(one);
  });

  test("no use since the middle of the overlap, stays until the reports go on, and then until it is quiet", async () => {
    const one = await replaced("pictograph", {});
    await inUse(one, 12);
    one.stand.pictograph.stopUsage();
    await inUse(one, 20);
    one.stand.pictograph.stopUsage(Number.POSITIVE_INFINITY);
    await inUse(one, 4);
    await passes(one.stand, 12, 15 * MINUTE_MS);

    expect(isAlive(one)).toBe(false);
  });
});

describe("where nothing can be known of use but what a list says, the margin is kept after the overlap, and no longer:", () => {
  test.each<[string, VendorName, Switches]>([
    ["a list without the field", "pictify", { lastUsed: "missing" }],
    ["a list without the field", "pictograph", { lastUsed: "missing" }],
    ["a list of null, of a vendor that refuses our call for its rights", "pictify", { lastUsed: "null-always" }],
  ])("%s (%s)", async (_, vendor, switches) => {
    const one = await replaced(vendor, switches);

    await one.stand.clock.advance(DAY_MS);
    await passes(one.stand, 4, 15 * MINUTE_MS);
    expect(isAlive(one)).toBe(true);
    await passes(one.stand, 4, 15 * MINUTE_MS);

    expect(isAlive(one)).toBe(false);
    expect(written(one.stand, "UseNotUnderstood")).toEqual([]);
  });
});
