import { invalidParameter } from "../service-error.ts";
import { type DayRule, dayOfMonthRule, dayOfWeekRule } from "./cron-days.ts";
import { HOURS, MONTH, valuesOf } from "./cron-field.ts";

/*
 * Written from the user guide, "Rotation schedules" (rotate-secrets_schedule.html), section "Cron expression requirements
 * in Secrets Manager": minutes must be 0 and years *, hours are a number or increments, one of the two fields for days
 * is ?, and no wildcard W.
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SHORTEST_INTERVAL_MS = 4 * HOUR_MS;
const LONGEST_INTERVAL_MS = 366 * DAY_MS;
/** Eight years, so that every kind of leap year and week is in it. */
const EXAMINED_FROM_MS = Date.UTC(2024, 0, 1);
const EXAMINED_TO_MS = Date.UTC(2032, 0, 1);

export interface CronSchedule {
  /** The hours at which windows open, ascending, UTC. */
  readonly hours: readonly number[];
  readonly isOnDay: (startOfDayMs: number) => boolean;
}

/**
 * Reads `cron(Minutes Hours Day-of-month Month Day-of-week Year)`.
 * @throws InvalidParameterException, naming the field that is wrong; also when it is due more often than every four hours
 *   or less often than every year
 */
export function cronScheduleOf(expression: string): CronSchedule {
  const fields = expression
    .replace(/^cron\(|\)$/g, "")
    .trim()
    .split(/\s+/);
  const [minutes, hours = "", dayOfMonth = "", month = "", dayOfWeek = "", year] = fields;
  if (fields.length !== 6) throw invalid(expression, `a cron expression has six fields, this one has ${fields.length}`);
  if (minutes !== "0") throw invalid(expression, "Minutes must be 0, because rotation windows open on the hour");
  if (year !== "*") throw invalid(expression, "Year must be *");
  const schedule = {
    hours: [...valuesOf(HOURS, hours)].sort((a, b) => a - b),
    isOnDay: onDays(valuesOf(MONTH, month), dayRule(expression, dayOfMonth, dayOfWeek)),
  };
  requireUsualIntervals(expression, schedule);
  return schedule;
}

const invalid = (expression: string, reason: string) =>
  invalidParameter(`Invalid ScheduleExpression ${expression}: ${reason}.`);

function dayRule(expression: string, dayOfMonth: string, dayOfWeek: string): DayRule {
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    throw invalid(expression, "exactly one of Day-of-month and Day-of-week must be ?");
  }
  return dayOfWeek === "?" ? dayOfMonthRule(dayOfMonth) : dayOfWeekRule(dayOfWeek);
}

function onDays(months: ReadonlySet<number>, rule: DayRule): CronSchedule["isOnDay"] {
  return (startOfDayMs) => {
    const day = new Date(startOfDayMs);
    if (!months.has(day.getUTCMonth() + 1)) return false;
    const lastOfMonth = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
    return rule({ dayOfMonth: day.getUTCDate(), lastOfMonth, dayOfWeek: day.getUTCDay() + 1 });
  };
}

/** The times at which windows open, after `fromMs` and before `toMs`, in milliseconds since the Unix epoch. */
export function* openings({ hours, isOnDay }: CronSchedule, fromMs: number, toMs: number): Generator<number> {
  for (let dayMs = Math.floor(fromMs / DAY_MS) * DAY_MS; dayMs < toMs; dayMs += DAY_MS) {
    if (!isOnDay(dayMs)) continue;
    for (const hour of hours) {
      const opensMs = dayMs + hour * HOUR_MS;
      if (opensMs > fromMs && opensMs < toMs) yield opensMs;
    }
  }
}

/** The next time at which a window opens. */
export function openingAfter(schedule: CronSchedule, fromMs: number): number {
  for (const opensMs of openings(schedule, fromMs, fromMs + LONGEST_INTERVAL_MS + DAY_MS)) return opensMs;
  throw new Error("a cron schedule without an opening within a year was let in");
}

function requireUsualIntervals(expression: string, schedule: CronSchedule): void {
  let lastMs = EXAMINED_FROM_MS - 1;
  for (const opensMs of openings(schedule, EXAMINED_FROM_MS - 1, EXAMINED_TO_MS)) {
    if (lastMs >= EXAMINED_FROM_MS && opensMs - lastMs < SHORTEST_INTERVAL_MS) {
      throw invalid(expression, "a secret can be rotated every four hours at the most");
    }
    if (opensMs - lastMs > LONGEST_INTERVAL_MS) break;
    lastMs = opensMs;
  }
  if (EXAMINED_TO_MS - lastMs > LONGEST_INTERVAL_MS) {
    throw invalid(expression, "schedules that are more than a year apart are not supported");
  }
}
