import { invalidParameter } from "../service-error.ts";
import { type CronSchedule, cronScheduleOf, openingAfter } from "./cron-expression.ts";

/*
 * Written from the API reference's page of RotationRulesType and the user guide, "Rotation schedules"
 * (rotate-secrets_schedule.html).
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HOURS_IN_DAY = 24;
const SHORTEST_RATE_MS = 4 * HOUR_MS;
const LONGEST_RATE_MS = 999 * DAY_MS;

/** The rules as RotateSecret takes them. */
export interface RotationRules {
  readonly AutomaticallyAfterDays?: number | undefined;
  readonly Duration?: string | undefined;
  readonly ScheduleExpression?: string | undefined;
}

/** Rules that have been read. `windowMs` undefined: to the end of the day, for a schedule in hours one hour. */
export type Schedule = (
  | { readonly kind: "days"; readonly everyMs: number }
  | { readonly kind: "hours"; readonly everyMs: number }
  | { readonly kind: "cron"; readonly cron: CronSchedule }
) & { readonly windowMs: number | undefined };

/** AWS rotates at any time from `opensMs` on and before `closesMs`. */
export interface RotationWindow {
  readonly opensMs: number;
  readonly closesMs: number;
}

const startOfDay = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;

/**
 * Reads rotation rules; undefined where they name no schedule.
 * @throws InvalidParameterException for both ways at once, an expression that is not understood, a rate below four hours
 *   or above 999 days, and a window that would reach into the next one or into the next day
 */
export function scheduleOf(rules: RotationRules): Schedule | undefined {
  const { AutomaticallyAfterDays: days, ScheduleExpression: expression, Duration: duration } = rules;
  const windowMs = duration === undefined ? undefined : Number.parseInt(duration, 10) * HOUR_MS;
  if (days !== undefined && expression !== undefined) {
    throw invalidParameter("You cannot specify both rotation frequency and schedule expression together.");
  }
  if (days === undefined && expression === undefined) {
    if (windowMs === undefined) return undefined;
    throw invalidParameter("Duration needs a schedule: give AutomaticallyAfterDays or ScheduleExpression with it.");
  }
  const bare: Schedule =
    expression === undefined
      ? { kind: "days", everyMs: Number(days) * DAY_MS, windowMs }
      : { ...expressionOf(expression), windowMs };
  requireFittingWindow(bare, duration);
  return bare;
}

type WithoutWindow<Kind> = Kind extends unknown ? Omit<Kind, "windowMs"> : never;

function expressionOf(expression: string): WithoutWindow<Schedule> {
  if (/^cron\(.*\)$/.test(expression)) return { kind: "cron", cron: cronScheduleOf(expression) };
  const [, count, unit] = /^rate\((\d{1,9}) (hour|day)s?\)$/.exec(expression) ?? [];
  if (count === undefined) {
    throw invalidParameter(
      `Invalid ScheduleExpression ${expression}: it must be rate(N hours), rate(N days) with a whole number N, or cron() with six fields.`,
    );
  }
  const everyMs = Number(count) * (unit === "day" ? DAY_MS : HOUR_MS);
  if (everyMs < SHORTEST_RATE_MS || everyMs > LONGEST_RATE_MS) {
    throw invalidParameter(`Invalid ScheduleExpression ${expression}: a period is from 4 hours to 999 days.`);
  }
  return { kind: unit === "day" ? "days" : "hours", everyMs };
}

/** The longest window that reaches neither into the next one nor into the next day. */
function longestWindowMs(schedule: Schedule): number {
  if (schedule.kind !== "cron") return Math.min(schedule.everyMs, DAY_MS);
  const { hours } = schedule.cron;
  const lengths = hours.map((hour, index) => (hours[index + 1] ?? HOURS_IN_DAY) - hour);
  return Math.min(...lengths) * HOUR_MS;
}

function requireFittingWindow(schedule: Schedule, duration: string | undefined): void {
  const { windowMs } = schedule;
  if (windowMs === undefined) return;
  if (windowMs < HOUR_MS)
    throw invalidParameter(`Invalid Duration ${duration}: a rotation window is one hour at least.`);
  const longestMs = longestWindowMs(schedule);
  if (windowMs <= longestMs) return;
  throw invalidParameter(
    `Invalid Duration ${duration}: the rotation window must not extend into the next rotation window or the next UTC day; with this schedule it is ${longestMs / HOUR_MS}h at most.`,
  );
}

/**
 * The window after `fromMs`, which is the time of the last rotation, or of the configuration. A rate in days counts from
 * its day, a rate in hours from the midnight before `configuredMs`.
 */
export function windowAfter(schedule: Schedule, fromMs: number, configuredMs: number): RotationWindow {
  const opensMs = opensAfter(schedule, fromMs, configuredMs);
  const endOfDayMs = startOfDay(opensMs) + DAY_MS;
  const defaultEndMs = isInHours(schedule) ? opensMs + HOUR_MS : endOfDayMs;
  const closesMs = schedule.windowMs === undefined ? defaultEndMs : opensMs + schedule.windowMs;
  return { opensMs, closesMs: Math.min(closesMs, endOfDayMs) };
}

function opensAfter(schedule: Schedule, fromMs: number, configuredMs: number): number {
  if (schedule.kind === "cron") return openingAfter(schedule.cron, fromMs);
  if (schedule.kind === "days") return startOfDay(fromMs) + schedule.everyMs;
  const anchorMs = startOfDay(configuredMs);
  return anchorMs + (Math.floor((fromMs - anchorMs) / schedule.everyMs) + 1) * schedule.everyMs;
}

const isInHours = (schedule: Schedule): boolean =>
  schedule.kind === "hours" || (schedule.kind === "cron" && schedule.cron.hours.length > 1);

/** The days between two rotations, as AWS tells them for any schedule: for ten hours 1, for cron those to the next window. */
export function daysOf(schedule: Schedule, fromMs: number, next: RotationWindow): number {
  const lengthMs = schedule.kind === "cron" ? next.opensMs - startOfDay(fromMs) : schedule.everyMs;
  return Math.max(1, schedule.kind === "cron" ? Math.floor(lengthMs / DAY_MS) : Math.ceil(lengthMs / DAY_MS));
}
