import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scheduleOf, windowAfter } from "../../../sandbox/secrets-manager/schedules/schedule.ts";
import { aSecretsManager, DAY_MS, expectRefusal, HOUR_MS } from "./a-secrets-manager.ts";

const at = (text: string): number => Date.parse(`${text}Z`);

/** The next windows from 2026-01-01 (a Thursday) on, as `day hour` in UTC. */
const nextWindows = (ScheduleExpression: string, count: number): string[] => {
  const schedule = scheduleOf({ ScheduleExpression });
  if (!schedule) throw new Error("no schedule");
  const startMs = at("2026-01-01T00:00");
  const found: string[] = [];
  for (let fromMs = startMs - 1; found.length < count; ) {
    const { opensMs } = windowAfter(schedule, fromMs, startMs);
    found.push(new Date(opensMs).toISOString().slice(0, 13));
    fromMs = opensMs;
  }
  return found;
};

const window = (rules: object, from: string, configured = from) => {
  const schedule = scheduleOf(rules);
  if (!schedule) throw new Error("no schedule");
  const { opensMs, closesMs } = windowAfter(schedule, at(from), at(configured));
  return [opensMs, closesMs].map((ms) => new Date(ms).toISOString().slice(0, 16));
};

describe("a cron expression of the user guide's examples", () => {
  test.each([
    ["cron(0 /8 * * ? *)", ["2026-01-01T00", "2026-01-01T08", "2026-01-01T16", "2026-01-02T00"]],
    ["cron(0 8/8 * * ? *)", ["2026-01-01T08", "2026-01-01T16", "2026-01-02T08"]],
    ["cron(0 2/10 * * ? *)", ["2026-01-01T02", "2026-01-01T12", "2026-01-01T22", "2026-01-02T02"]],
    ["cron(0 4/12 * * ? *)", ["2026-01-01T04", "2026-01-01T16", "2026-01-02T04"]],
    ["cron(0 10 * * ? *)", ["2026-01-01T10", "2026-01-02T10"]],
    ["cron(0 18 ? * SAT *)", ["2026-01-03T18", "2026-01-10T18"]],
    ["cron(0 8 1 * ? *)", ["2026-01-01T08", "2026-02-01T08"]],
    ["cron(0 1 ? 1/3 SUN#1 *)", ["2026-01-04T01", "2026-04-05T01", "2026-07-05T01", "2026-10-04T01", "2027-01-03T01"]],
    ["cron(0 17 L * ? *)", ["2026-01-31T17", "2026-02-28T17", "2026-03-31T17"]],
    ["cron(0 8 ? * MON-FRI *)", ["2026-01-01T08", "2026-01-02T08", "2026-01-05T08"]],
    ["cron(0 16 1,15 * ? *)", ["2026-01-01T16", "2026-01-15T16", "2026-02-01T16"]],
    ["cron(0 0 ? * SUN#1 *)", ["2026-01-04T00", "2026-02-01T00"]],
    ["cron(0 0 SUNL * ? *)", ["2026-01-25T00", "2026-02-22T00"]],
    ["cron(0 0 ? * L *)", ["2026-01-03T00", "2026-01-10T00"]],
    ["cron(0 0 1/10 * ? *)", ["2026-01-01T00", "2026-01-11T00", "2026-01-21T00", "2026-01-31T00", "2026-02-01T00"]],
    ["cron(0 0 ? JAN,jul 1,4 *)", ["2026-01-04T00", "2026-01-07T00"]],
    ["cron(0 0 31 * ? *)", ["2026-01-31T00", "2026-03-31T00"]],
  ])("%s opens at %j", (expression, expected) => {
    expect(nextWindows(expression, expected.length)).toEqual(expected);
  });
});

describe("a schedule expression is refused", () => {
  test.each([
    ["cron(0 8 * * ?)", "has six fields, this one has 5"],
    ["cron(30 8 * * ? *)", "Minutes must be 0"],
    ["cron(0 8 * * ? 2027)", "Year must be *"],
    ["cron(0 8 * * * *)", "must be ?"],
    ["cron(0 8 ? * ? *)", "must be ?"],
    ["cron(0 8 1 * MON *)", "must be ?"],
    ["cron(0 24 * * ? *)", "field Hours: its values are 0 to 23"],
    ["cron(0 8,20 * * ? *)", "field Hours: lists cannot stand there"],
    ["cron(0 8-10 * * ? *)", "field Hours: ranges cannot stand there"],
    ["cron(0 * * * ? *)", "field Hours"],
    ["cron(0 0/3 * * ? *)", "every four hours"],
    ["cron(0 2/9 * * ? *)", undefined],
    ["cron(0 0/22 * * ? *)", "every four hours"],
    ["cron(0 8 15W * ? *)", "does not have the wildcard W"],
    ["cron(0 8 LW * ? *)", "does not have the wildcard W"],
    ["cron(0 8 32 * ? *)", "field Day-of-month: its values are 1 to 31"],
    ["cron(0 8 0 * ? *)", "field Day-of-month"],
    ["cron(0 8 9-3 * ? *)", "begins with its smaller value"],
    ["cron(0 8 1-5-9 * ? *)", "field Day-of-month"],
    ["cron(0 8 1/2/3 * ? *)", "one increment"],
    ["cron(0 8 1/0 * ? *)", "an increment is from 1 to 31"],
    ["cron(0 8 L-3 * ? *)", "field Day-of-month"],
    ["cron(0 8 1,, * ? *)", "field Day-of-month"],
    ["cron(0 8 1 13 ? *)", "field Month: its values are 1 to 12 or JAN to DEC"],
    ["cron(0 8 ? * 8 *)", "field Day-of-week: its values are 1 to 7 or SUN to SAT"],
    ["cron(0 8 ? * MON#6 *)", "# takes a number from 1 to 5"],
    ["cron(0 8 ? * 2#1#1 *)", "# takes a number from 1 to 5"],
    ["cron(0 8 30 FEB ? *)", "more than a year apart"],
    ["cron(0 8 29 2 ? *)", "more than a year apart"],
    ["rate(1 week)", "rate(N hours), rate(N days)"],
    ["rate(10 hours) ", "rate(N hours)"],
    ["rate(3 hours)", "from 4 hours to 999 days"],
    ["rate(1000 days)", "from 4 hours to 999 days"],
    ["every day", "rate(N hours)"],
  ])("%s: %s", (ScheduleExpression, text) => {
    const read = () => scheduleOf({ ScheduleExpression });

    if (text === undefined) expect(read).not.toThrow();
    else expect(read).toThrow(text);
  });
});

describe("a window", () => {
  test.each([
    [
      "of days lasts the day",
      { AutomaticallyAfterDays: 30 },
      "2026-01-22T06:42",
      ["2026-02-21T00:00", "2026-02-22T00:00"],
    ],
    [
      "has its duration",
      { AutomaticallyAfterDays: 7, Duration: "3h" },
      "2026-01-01T23:59",
      ["2026-01-08T00:00", "2026-01-08T03:00"],
    ],
    [
      "of hours lasts an hour",
      { ScheduleExpression: "rate(10 hours)" },
      "2026-01-01T10:30",
      ["2026-01-01T20:00", "2026-01-01T21:00"],
    ],
    [
      "of cron lasts to the end of the day",
      { ScheduleExpression: "cron(0 16 1,15 * ? *)" },
      "2026-01-01T16:00",
      ["2026-01-15T16:00", "2026-01-16T00:00"],
    ],
    [
      "of cron has its duration",
      { ScheduleExpression: "cron(0 16 1,15 * ? *)", Duration: "2h" },
      "2026-01-14T00:00",
      ["2026-01-15T16:00", "2026-01-15T18:00"],
    ],
    [
      "of cron in hours lasts an hour",
      { ScheduleExpression: "cron(0 2/10 * * ? *)" },
      "2026-01-01T12:00",
      ["2026-01-01T22:00", "2026-01-01T23:00"],
    ],
    [
      "does not reach into the next day",
      { ScheduleExpression: "rate(11 hours)", Duration: "5h" },
      "2026-01-01T21:00",
      ["2026-01-01T22:00", "2026-01-02T00:00"],
    ],
  ])("%s", (_, rules, from, expected) => {
    expect(window(rules, from)).toEqual(expected);
  });

  test("of a rate in hours keeps to the hours that follow from the midnight of its configuration", () => {
    const rules = { ScheduleExpression: "rate(10 hours)" };

    expect(window(rules, "2026-01-02T07:00", "2026-01-01T15:00")[0]).toBe("2026-01-02T16:00");
  });

  test.each([
    [{ AutomaticallyAfterDays: 1, Duration: "24h" }, undefined],
    [{ AutomaticallyAfterDays: 9, Duration: "25h" }, "24h at most"],
    [{ ScheduleExpression: "rate(4 hours)", Duration: "4h" }, undefined],
    [{ ScheduleExpression: "rate(4 hours)", Duration: "5h" }, "4h at most"],
    [{ ScheduleExpression: "cron(0 22 * * ? *)", Duration: "2h" }, undefined],
    [{ ScheduleExpression: "cron(0 22 * * ? *)", Duration: "3h" }, "2h at most"],
    [{ ScheduleExpression: "cron(0 2/10 * * ? *)", Duration: "3h" }, "2h at most"],
    [{ AutomaticallyAfterDays: 1, Duration: "0h" }, "one hour at least"],
    [{ Duration: "2h" }, "needs a schedule"],
  ])("%j fits: %s", (rules, text) => {
    if (text === undefined) expect(() => scheduleOf(rules)).not.toThrow();
    else expect(() => scheduleOf(rules)).toThrow(text);
  });

  test("follows the time it is asked for, opens on the hour, and lies within one day", () => {
    const expressions = fc.oneof(
      fc.integer({ min: 4, max: 999 * 24 }).map((hours) => `rate(${hours} hours)`),
      fc.integer({ min: 1, max: 999 }).map((days) => `rate(${days} days)`),
      fc
        .tuple(fc.integer({ min: 0, max: 23 }), fc.uniqueArray(fc.integer({ min: 1, max: 28 }), { minLength: 1 }))
        .map(([hour, days]) => `cron(0 ${hour} ${days.join(",")} * ? *)`),
      fc
        .tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom("SUN", "WED", "7"), fc.integer({ min: 4, max: 12 }))
        .map(([place, day, step]) => `cron(0 0/${step} ? * ${place === 5 ? day : `${day}#${place}`} *)`)
        .filter((text) => !/0\/(7|11) /.test(text)),
    );
    const times = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2040, 0, 1) });

    fc.assert(
      fc.property(expressions, times, fc.nat(90 * DAY_MS), (ScheduleExpression, configuredMs, laterMs) => {
        const schedule = scheduleOf({ ScheduleExpression });
        if (!schedule) return false;
        const fromMs = configuredMs + laterMs;
        const { opensMs, closesMs } = windowAfter(schedule, fromMs, configuredMs);
        const lastMs = closesMs - 1;
        return (
          opensMs > fromMs &&
          opensMs % HOUR_MS === 0 &&
          closesMs > opensMs &&
          Math.floor(opensMs / DAY_MS) === Math.floor(lastMs / DAY_MS)
        );
      }),
    );
  });
});

describe("DescribeSecret of a schedule", () => {
  const described = async (RotationRules: object) => {
    const { clock, create, rotate, settle, describe: describeKey } = aSecretsManager();
    await create();
    await clock.advance(20 * HOUR_MS);
    await rotate({ RotationRules });
    await settle();
    return describeKey();
  };

  test("has the days to the next window, the duration, and the window's last second", async () => {
    const rules = { ScheduleExpression: "cron(0 16 1,15 * ? *)", Duration: "2h" };

    expect(await described(rules)).toMatchObject({
      RotationRules: { ...rules, AutomaticallyAfterDays: 14 },
      NextRotationDate: new Date(at("2026-01-15T17:59:59")),
    });
  });

  test.each(["xh", "2", "100h", "h"])("refuses the duration %j", async (Duration) => {
    const { create, rotate } = aSecretsManager();
    await create();

    const work = rotate({ RotationRules: { AutomaticallyAfterDays: 1, Duration } });
    await expectRefusal(work, "ValidationException", "rotationRules.duration");
  });
});
