import { type CronField, DAY_OF_MONTH, DAY_OF_WEEK, numberOf, refused, valuesOf } from "./cron-field.ts";

/** A day as a rule looks at it. */
export interface CalendarDay {
  readonly dayOfMonth: number;
  readonly lastOfMonth: number;
  /** 1 is Sunday. */
  readonly dayOfWeek: number;
}

export type DayRule = (day: CalendarDay) => boolean;

const DAYS_IN_WEEK = 7;

/**
 * What the field Day-of-month selects: days, `L` for the last of the month, `SUNL` for the last Sunday of the month.
 * @throws InvalidParameterException, for `W` too: Secrets Manager's table of wildcards does not have it
 */
export function dayOfMonthRule(text: string): DayRule {
  if (/W/i.test(text) && !/^WED/i.test(text)) {
    throw refused(DAY_OF_MONTH, text, "Secrets Manager does not have the wildcard W");
  }
  if (text.toUpperCase() === "L") return ({ dayOfMonth, lastOfMonth }) => dayOfMonth === lastOfMonth;
  const [, named] = /^(.+)L$/i.exec(text) ?? [];
  if (named === undefined) return chosen(DAY_OF_MONTH, text, ({ dayOfMonth }) => dayOfMonth);
  const wanted = numberOf(DAY_OF_WEEK, named);
  return ({ dayOfMonth, lastOfMonth, dayOfWeek }) => dayOfWeek === wanted && dayOfMonth > lastOfMonth - DAYS_IN_WEEK;
}

/**
 * What the field Day-of-week selects: days, `L` for the last of the week, `TUE#3` for the third Tuesday of the month.
 * @throws InvalidParameterException
 */
export function dayOfWeekRule(text: string): DayRule {
  if (text.toUpperCase() === "L") return ({ dayOfWeek }) => dayOfWeek === DAYS_IN_WEEK;
  const [named, place, ...rest] = text.split("#");
  if (place === undefined) return chosen(DAY_OF_WEEK, text, ({ dayOfWeek }) => dayOfWeek);
  if (!/^[1-5]$/.test(place) || rest.length > 0) throw refused(DAY_OF_WEEK, text, "# takes a number from 1 to 5");
  const wanted = numberOf(DAY_OF_WEEK, named ?? "");
  return ({ dayOfMonth, dayOfWeek }) => dayOfWeek === wanted && Math.ceil(dayOfMonth / DAYS_IN_WEEK) === Number(place);
}

function chosen(field: CronField, text: string, read: (day: CalendarDay) => number): DayRule {
  const values = valuesOf(field, text);
  return (day) => values.has(read(day));
}
