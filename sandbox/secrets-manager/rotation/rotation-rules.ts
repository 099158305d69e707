import { invalidParameter, notThereYet } from "../service-error.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SHORTEST_PERIOD_MS = 4 * HOUR_MS;
const LONGEST_PERIOD_MS = 1000 * DAY_MS;

/** When to rotate, as RotateSecret takes it: a number of days, or `rate(N days)` / `rate(N hours)`, or neither. */
export interface RotationRules {
  readonly AutomaticallyAfterDays?: number | undefined;
  readonly ScheduleExpression?: string | undefined;
}

/**
 * The time between two rotations; undefined where the rules name none.
 * @throws InvalidParameterException for both ways at once, another expression, less than four hours or more than 1000 days
 * @throws NotImplementedException for cron()
 */
export function periodMs(rules: RotationRules | undefined): number | undefined {
  if (!rules) return undefined;
  const { AutomaticallyAfterDays: days, ScheduleExpression: expression } = rules;
  if (expression === undefined) return days === undefined ? undefined : days * DAY_MS;
  if (days === undefined) return rateMs(expression);
  throw invalidParameter("You cannot specify both rotation frequency and schedule expression together.");
}

function rateMs(expression: string): number {
  if (/^cron\(.*\)$/.test(expression)) throw notThereYet("RotationRules.ScheduleExpression with cron()");
  const [, count, unit] = /^rate\((\d+) (hour|day)s?\)$/.exec(expression) ?? [];
  if (count === undefined) {
    throw invalidParameter(
      `Invalid ScheduleExpression ${expression}: it must be rate(N hours) or rate(N days), with a whole number N.`,
    );
  }
  const lengthMs = Number(count) * (unit === "day" ? DAY_MS : HOUR_MS);
  if (lengthMs >= SHORTEST_PERIOD_MS && lengthMs <= LONGEST_PERIOD_MS) return lengthMs;
  throw invalidParameter(`Invalid ScheduleExpression ${expression}: a period is from 4 hours to 1000 days.`);
}

/** The rules as DescribeSecret answers them: for an expression, the days are calculated from it (10 hours: 1 day). */
export function describedRules(rules: RotationRules): RotationRules {
  const lengthMs = periodMs(rules);
  if (lengthMs === undefined || rules.ScheduleExpression === undefined) return { ...rules };
  return { AutomaticallyAfterDays: Math.ceil(lengthMs / DAY_MS), ScheduleExpression: rules.ScheduleExpression };
}
