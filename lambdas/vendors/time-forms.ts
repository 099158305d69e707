/*
 * The forms in which vendors write times, read strictly: a time that may be another one is no time. What a form leaves open (a zone,
 * the century, which number is the month) is not guessed, and neither is a day that the calendar does not have.
 */

/** A moment as far as its form tells it, in milliseconds since the Unix epoch: a bare date is some moment of that UTC day. */
export interface Moment {
  readonly fromMs: number;
  readonly untilMs: number;
}

const DAY_MS = 86_400_000;

const exactly = (ms: number): Moment => ({ fromMs: ms, untilMs: ms });

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
/** ISO 8601 and RFC 3339, with a space for the T, and the zones that databases print. */
const DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$/;
/** RFC 9110, section 5.6.7: `Sun, 22 Nov 2026 14:05:00 GMT`. */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The beginning of a day, if the calendar has it. */
const dayMs = (year: number, month: number, day: number): number | undefined => {
  const ms = Date.UTC(year, month - 1, day);
  const made = new Date(ms);
  return made.getUTCMonth() === month - 1 && made.getUTCDate() === day ? ms : undefined;
};

const dayOf = (text: string): number | undefined => {
  const [, year, month, day] = DATE.exec(text) ?? [];
  return dayMs(Number(year), Number(month), Number(day));
};

const ofDayMs = (hour: number, minute: number, second: number): number | undefined =>
  hour < 24 && minute < 60 && second <= 60 ? ((hour * 60 + minute) * 60 + second) * 1_000 : undefined;

/** Milliseconds that a zone is ahead of UTC. */
const zoneMs = (zone: string): number | undefined => {
  const [, sign, hours = "0", minutes = "0"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  if (Number(hours) > 18 || Number(minutes) > 59) return undefined;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
};

const sum = (...parts: readonly (number | undefined)[]): number | undefined =>
  parts.reduce((total, part) => (total === undefined || part === undefined ? undefined : total + part), 0);

const dateTimeMs = (text: string): number | undefined => {
  const [, day, hour, minute, second = "0", fraction = "", zone = ""] = DATE_TIME.exec(text) ?? [];
  if (day === undefined) return undefined;
  const ahead = zoneMs(zone);
  const fractionMs = Number(fraction.slice(0, 3).padEnd(3, "0"));
  return sum(
    dayOf(day),
    ofDayMs(Number(hour), Number(minute), Number(second)),
    fractionMs,
    ahead === undefined ? undefined : -ahead,
  );
};

const httpDateMs = (text: string): number | undefined => {
  const [, weekday, day, month = "", year, hour, minute, second] = HTTP_DATE.exec(text) ?? [];
  if (weekday === undefined) return undefined;
  const startMs = dayMs(Number(year), MONTHS.indexOf(month) + 1, Number(day));
  if (startMs === undefined || DAYS[new Date(startMs).getUTCDay()] !== weekday) return undefined;
  return sum(startMs, ofDayMs(Number(hour), Number(minute), Number(second)));
};

/** September 2001. What is older stands for no time at all, such as the zero of a clock or of a language: 1970, the year 1. */
const FIRST_MS = 1e12;

/** Unix times from 2001 to 2286, in seconds or in milliseconds; what lies between the two is neither. */
const epochMs = (value: number): number | undefined => {
  if (value >= FIRST_MS / 1_000 && value < 1e10) return Math.round(value * 1_000);
  return value >= FIRST_MS && value < 1e13 ? Math.floor(value) : undefined;
};

const EPOCH = /^\d{10}(?:\d{3})?(?:\.\d+)?$/;

const momentIn = (text: string): Moment | undefined => {
  const startMs = DATE.test(text) ? dayOf(text) : undefined;
  if (startMs !== undefined) return { fromMs: startMs, untilMs: startMs + DAY_MS - 1 };
  const ms = EPOCH.test(text) ? epochMs(Number(text)) : (dateTimeMs(text) ?? httpDateMs(text));
  return ms === undefined ? undefined : exactly(ms);
};

/** The moment that a vendor's field tells; `undefined` where its form does not tell it for sure. */
export const momentOf = (value: unknown): Moment | undefined => {
  const text = typeof value === "number" ? String(value) : value;
  const moment = typeof text === "string" ? momentIn(text.trim()) : undefined;
  return moment && moment.fromMs >= FIRST_MS ? moment : undefined;
};
