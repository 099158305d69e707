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
  const dateMs = Date.parse(text ?? "");
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - vendorNow(headers, nowMs));
};

const vendorNow = (headers: Headers, nowMs: number): number => Date.parse(headers.get("date") ?? "") || nowMs;

/**
 * Until when, by our clock, a key should not be used, after an answer whose `X-RateLimit-Remaining` is 0.
 * `X-RateLimit-Reset` is a Unix time in seconds. 0 when there is nothing to wait for.
 */
export const pauseUntilMs = (headers: Headers, nowMs: number): number => {
  const resetSeconds = seconds(headers.get("x-ratelimit-reset"));
  if (seconds(headers.get("x-ratelimit-remaining")) !== 0 || resetSeconds === undefined) return 0;
  return nowMs + Math.max(0, resetSeconds * 1_000 - vendorNow(headers, nowMs));
};

/** Milliseconds from `nowMs` until a pause is over. */
export const pauseBefore = (untilMs: number | undefined, nowMs: number): number => Math.max(0, (untilMs ?? 0) - nowMs);
