import { invalidParameter } from "../service-error.ts";

/** One field of a cron expression: its numbers, its names in the order of the numbers, and what may stand in it. */
export interface CronField {
  readonly name: string;
  readonly lowest: number;
  readonly highest: number;
  readonly names?: readonly string[];
  /** Lists, ranges and `*`; increments and single values may stand in every field. */
  readonly mayList: boolean;
}

/** The hours of the user guide's table: a number, or increments such as 2/10; `/8` begins at midnight. */
export const HOURS: CronField = { name: "Hours", lowest: 0, highest: 23, mayList: false };

export const DAY_OF_MONTH: CronField = { name: "Day-of-month", lowest: 1, highest: 31, mayList: true };

export const MONTH: CronField = {
  name: "Month",
  lowest: 1,
  highest: 12,
  names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  mayList: true,
};

/** 1 is Sunday. */
export const DAY_OF_WEEK: CronField = {
  name: "Day-of-week",
  lowest: 1,
  highest: 7,
  names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
  mayList: true,
};

/**
 * The values that a field selects: lists, ranges, increments, numbers and names.
 * @throws InvalidParameterException, naming the field and what may stand there
 */
export function valuesOf(field: CronField, text: string): ReadonlySet<number> {
  const items = text.split(",");
  if (items.length > 1 && !field.mayList) throw refused(field, text, "lists cannot stand there");
  return new Set(items.flatMap((item) => valuesOfItem(field, item)));
}

/**
 * The number of one value, which may be a name.
 * @throws InvalidParameterException when it is none of the field's
 */
export function numberOf(field: CronField, text: string): number {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? named + field.lowest : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.lowest && value <= field.highest) return value;
  throw refused(field, text, `its values are ${field.lowest} to ${field.highest}${namesOf(field)}`);
}

const namesOf = ({ names }: CronField): string => (names ? ` or ${names[0]} to ${names.at(-1)}` : "");

function valuesOfItem(field: CronField, item: string): number[] {
  const [base = "", step, ...rest] = item.split("/");
  if (rest.length > 0) throw refused(field, item, "one increment is possible");
  const [first, last] = boundsOf(field, base, step !== undefined);
  const increment = step === undefined ? 1 : incrementOf(field, item, step);
  return Array.from({ length: Math.floor((last - first) / increment) + 1 }, (_, index) => first + index * increment);
}

/** A number with an increment stands for everything from there on. */
function boundsOf(field: CronField, base: string, hasIncrement: boolean): readonly [number, number] {
  if (base === "" && hasIncrement) return [field.lowest, field.highest];
  if (base === "*" && field.mayList) return [field.lowest, field.highest];
  const [from = "", to, ...rest] = base.split("-");
  if (to === undefined) return [numberOf(field, from), hasIncrement ? field.highest : numberOf(field, from)];
  const [first, last] = [numberOf(field, from), numberOf(field, to)];
  if (!field.mayList || rest.length > 0) throw refused(field, base, "ranges cannot stand there");
  if (first > last) throw refused(field, base, "a range begins with its smaller value");
  return [first, last];
}

function incrementOf(field: CronField, item: string, step: string): number {
  if (/^\d{1,2}$/.test(step) && Number(step) >= 1 && Number(step) <= field.highest) return Number(step);
  throw refused(field, item, `an increment is from 1 to ${field.highest}`);
}

export const refused = (field: CronField, text: string, reason: string) =>
  invalidParameter(`Invalid ScheduleExpression: ${JSON.stringify(text)} in the field ${field.name}: ${reason}.`);
