import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { momentOf } from "../../../lambdas/vendors/time-forms.ts";

const AT_MS = Date.UTC(2026, 10, 22, 14, 5, 6, 789);
const exactly = (ms: number) => ({ fromMs: ms, untilMs: ms });

describe("a time is read in the form", () => {
  test.each<[unknown, number]>([
    ["2026-11-22T14:05:06.789Z", AT_MS],
    ["2026-11-22t14:05:06.789z", AT_MS],
    ["2026-11-22 14:05:06.789Z", AT_MS],
    ["2026-11-22 14:05:06.789 UTC", AT_MS],
    ["2026-11-22T14:05:06.789+00:00", AT_MS],
    ["2026-11-22T08:05:06.789-06:00", AT_MS],
    ["2026-11-22T08:05:06.789-0600", AT_MS],
    ["2026-11-22 08:05:06.789-06", AT_MS],
    ["2026-11-23T01:05:06.789+11", AT_MS],
    ["2026-11-22T19:35:06.789+05:30", AT_MS],
    ["2026-11-22T14:05:06.7Z", AT_MS - 89],
    ["2026-11-22T14:05:06,789Z", AT_MS],
    ["2026-11-22T14:05:06.789123456Z", AT_MS],
    ["2026-11-22T14:05:06Z", AT_MS - 789],
    ["2026-11-22T14:05Z", AT_MS - 6_789],
    ["Sun, 22 Nov 2026 14:05:06 GMT", AT_MS - 789],
    ["  2026-11-22T14:05:06.789Z\n", AT_MS],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
    [AT_MS, AT_MS],
    [AT_MS / 1_000, AT_MS],
    [Math.floor(AT_MS / 1_000), AT_MS - 789],
    [String(AT_MS), AT_MS],
    [`${AT_MS / 1_000}`, AT_MS],
    [String(Math.floor(AT_MS / 1_000)), AT_MS - 789],
  ])("%j", (value, ms) => {
    expect(momentOf(value)).toEqual(exactly(ms));
  });

  test("of a bare date, which is some moment of that whole UTC day", () => {
    expect(momentOf("2026-11-22")).toEqual({
      fromMs: Date.UTC(2026, 10, 22),
      untilMs: Date.UTC(2026, 10, 22, 23, 59, 59, 999),
    });
  });
});

describe("nothing is guessed where a form leaves something open, or the calendar has no such day:", () => {
  test.each([
    "2026-11-22T14:05:06",
    "2026-11-22 14:05:06.789",
    "2026-11-22T14:05:06 CET",
    "2026-11-22T14:05:06 EST",
    "2026-11-22T14:05:06+1",
    "2026-11-22T14:05:06+25:00",
    "2026-11-22T14:05:06+02:60",
    "2026-11-22Z",
    "2026-11-22T14Z",
    "Nov 22, 14:05",
    "Nov 22, 2026",
    "22 Nov 2026",
    "22/11/2026 14:05",
    "11/22/2026",
    "22.11.2026",
    "2026/11/22 14:05:06Z",
    "26-11-22",
    "20261122",
    20261122,
    "20261122T140506Z",
    "2026-W47-7",
    "2026-326",
    "2026-11",
    "2026-13-01",
    "2026-13-01T00:00:00Z",
    "2026-00-10",
    "2026-02-30",
    "2026-02-30T10:00:00Z",
    "2025-02-29T10:00:00Z",
    "2026-11-22T24:00:00Z",
    "2026-11-22T25:00:00Z",
    "2026-11-22T14:60:00Z",
    "2026-11-22T14:05:61Z",
    "Mon, 22 Nov 2026 14:05:06 GMT",
    "Sun, 22 Nov 2026 14:05:06 CET",
    "Sun, 22 Nov 2026 25:05:06 GMT",
    "Sun, 30 Feb 2026 14:05:06 GMT",
    "Sun, 22 Nop 2026 14:05:06 GMT",
    "Sun Nov 22 2026",
    "0001-01-01T00:00:00Z",
    "0026-11-22T14:05:06Z",
    "1970-01-01T00:00:00Z",
    "1970-01-01",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    0,
    -1,
    1,
    999_999_999,
    1e10,
    123_456_789_012,
    1e13,
    1_795_356_306_789_000,
    -AT_MS,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "0",
    "0123456789",
    "179535630",
    "17953563067",
    "1795356306789000",
    "-1795356306",
    "1.795e9",
    "yesterday",
    "2 hours ago",
    "now",
    "never",
    "",
    " ",
    null,
    undefined,
    true,
    false,
    {},
    { seconds: 1_795_356_306 },
    [],
    ["2026-11-22T14:05:06Z"],
    new Date(AT_MS),
  ])("%j", (value) => {
    expect(momentOf(value)).toBeUndefined();
  });
});

const moments = fc.integer({ min: 1e12, max: 1e13 - 1 });
const pad = (value: number) => String(Math.abs(value)).padStart(2, "0");
const offsets = fc.record({
  minutes: fc.integer({ min: -14 * 60, max: 14 * 60 }),
  separator: fc.constantFrom(":", ""),
  between: fc.constantFrom("T", " "),
});

describe("whatever the moment,", () => {
  test("all its exact forms are read as that one", () => {
    fc.assert(
      fc.property(moments, offsets, (ms, { minutes, separator, between }) => {
        const sign = minutes < 0 ? "-" : "+";
        const zone = `${sign}${pad(Math.trunc(minutes / 60))}${separator}${pad(minutes % 60)}`;
        const local = new Date(ms + minutes * 60_000).toISOString().replace("Z", "").replace("T", between);
        for (const form of [ms, String(ms), ms / 1_000, new Date(ms).toISOString(), `${local}${zone}`])
          expect([form, momentOf(form)]).toEqual([form, exactly(ms)]);
      }),
    );
  });

  test("its forms in seconds are read as its second, and its day contains it", () => {
    fc.assert(
      fc.property(moments, (ms) => {
        const second = Math.floor(ms / 1_000);
        for (const form of [second, String(second), new Date(ms).toUTCString()])
          expect([form, momentOf(form)]).toEqual([form, exactly(second * 1_000)]);
        const day = momentOf(new Date(ms).toISOString().slice(0, 10));
        if (ms >= 1e12 + 86_400_000) {
          expect(day?.fromMs).toBeLessThanOrEqual(ms);
          expect(day?.untilMs).toBeGreaterThanOrEqual(ms);
        }
      }),
    );
  });

  test("without its zone it is no time", () => {
    fc.assert(
      fc.property(moments, fc.constantFrom("T", " "), (ms, between) => {
        expect(momentOf(new Date(ms).toISOString().replace("Z", "").replace("T", between))).toBeUndefined();
      }),
    );
  });
});

test("whatever is not a text or a number is no time, and no text makes it fail", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const moment = momentOf(value);
      if (typeof value !== "string" && typeof value !== "number") expect(moment).toBeUndefined();
      else if (moment) expect(moment.untilMs).toBeGreaterThanOrEqual(moment.fromMs);
    }),
  );
});
