import { momentOf } from "./time-forms.ts";

const seconds = (text: string | null): number | undefined => {
  if (text === null || text.trim() === "") return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
};

/**
 * How long a `Retry-After` header asks to wait, in milliseconds: it gives seconds, or an HTTP date, which is
 * measured against the answer's own `Date` (RFC 9110, section 10.2.3).
 */
export const retryAfterMs = (headers: Headers, nowMs: number): number | undefined => {
  const text = headers.get("retry-after");
  const delay = seconds(text);
  if (delay !== undefined) return delay * 1_000;
  const date = momentOf(text);
  return date && Math.max(0, date.fromMs - vendorNow(headers, nowMs));
};

const vendorNow = (headers: Headers, nowMs: number): number => momentOf(headers.get("date"))?.fromMs ?? nowMs;

/**
 * Until when, by our clock, a key should not be used, after an answer whose `X-RateLimit-Remaining` is 0.
 * `X-RateLimit-Reset` is a Unix time in seconds. 0 when there is nothing to wait for.
 */
export const pauseUntilMs = (headers: Headers, nowMs: number): number => {
  const resetSeconds = seconds(headers.get("x-ratelimit-reset"));
  if (seconds(headers.get("x-ratelimit-remaining")) !== 0 || resetSeconds === undefined) return 0;
  return nowMs + Math.min(LONGEST_PAUSE_MS, Math.max(0, resetSeconds * 1_000 - vendorNow(headers, nowMs)));
};

/** A reset that is further off than the longest window of a limit is a mistake: it is asked again after an hour. */
const LONGEST_PAUSE_MS = 3_600_000;

/** The part of a vendor's limit that is left to what is urgent. */
const RESERVE = 0.1;

/**
 * Until when, by our clock, nothing but what is urgent is to be asked, after an answer that says how little is left of the limit. 0 when there
 * is enough, or it does not say.
 */
export const reservedUntilMs = (headers: Headers, nowMs: number): number => {
  const [limit, remaining] = [seconds(headers.get("x-ratelimit-limit")), seconds(headers.get("x-ratelimit-remaining"))];
  const resetSeconds = seconds(headers.get("x-ratelimit-reset"));
  if (limit === undefined || remaining === undefined || resetSeconds === undefined) return 0;
  if (remaining > limit * RESERVE) return 0;
  return nowMs + Math.min(LONGEST_PAUSE_MS, Math.max(0, resetSeconds * 1_000 - vendorNow(headers, nowMs)));
};

/** Milliseconds from `nowMs` until a pause is over. */
export const pauseBefore = (untilMs: number | undefined, nowMs: number): number => Math.max(0, (untilMs ?? 0) - nowMs);

const SHORTEST_SPREAD_MS = 30_000;
const LONGEST_SPREAD_MS = 120_000;

/**
 * How much longer one of many callers waits, so that they do not all come back at once, to the vendor and then to Secrets Manager: a
 * part of as long as was asked for, or of half a minute.
 * @param chance from 0 to 1
 * @param withinMs what the function's time leaves; the spread takes at most half of what the wait itself leaves of it
 */
export const spreadMs = (waitMs: number, chance: number, withinMs: number): number => {
  const room = Math.max(0, withinMs - waitMs) / 2;
  return chance * Math.min(Math.max(waitMs, SHORTEST_SPREAD_MS), LONGEST_SPREAD_MS, room);
};
