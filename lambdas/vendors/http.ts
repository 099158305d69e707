import type { Clock } from "../clock.ts";
import { Redacted, redactText } from "../redacted.ts";
import { errorFacts } from "./error-body.ts";
import { pauseBefore, pauseUntilMs, retryAfterMs, spreadMs } from "./rate-limit.ts";
import { codeOfStatus, VendorError } from "./vendor-error.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string | Redacted>>;
  readonly body?: unknown;
  /** True when doing it twice is the same as doing it once, so that an unanswered try may be repeated. */
  readonly repeatable: boolean;
}

export interface HttpAnswer {
  /** The parsed JSON, `undefined` when the body was empty. */
  readonly body: unknown;
  /** The vendor's own time, in milliseconds, by its `Date` header. */
  readonly vendorNowMs: number | undefined;
}

/** The shared way to a vendor: bounded in time, patient with limits, and repeating only what may be repeated. */
export interface Http {
  /** @throws VendorError for anything but a 2xx with a readable body */
  send(request: HttpRequest): Promise<HttpAnswer>;
}

export interface HttpOptions {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** How long the function that asks may still run, in milliseconds. */
  readonly remainingMs: () => number;
  /**
   * A number from 0 to 1, another one each time: which part of a spread a caller takes who waits for a limit beside others.
   * @default 0 each time: nobody else waits
   */
  readonly chance?: () => number;
}

/** The longest that one try may take. */
const TRY_MS = 10_000;
/** What is kept of the function's time, so that it can still say what went wrong. */
const RESERVE_MS = 1_500;
const MAX_TRIES = 4;

const plainHeaders = (headers: HttpRequest["headers"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([field, value]) => [field, value instanceof Redacted ? value.reveal() : value]),
  );

const what = (request: HttpRequest): string => `${request.method} ${new URL(request.url).pathname}`;

/**
 * Milliseconds to wait before the next try, `undefined` when there must be none. A limit is no failure: how often it is waited
 * for is bounded by the function's time alone.
 */
const waitBeforeRetry = (error: VendorError, tries: number, repeatable: boolean): number | undefined => {
  if (error.code === "RATE_LIMITED") return error.retryAfterMs ?? 250 * 2 ** tries;
  if (tries >= MAX_TRIES || !error.retryable || error.code === "NO_TIME") return undefined;
  if (error.ambiguous && !repeatable) return undefined;
  return error.retryAfterMs ?? 250 * 2 ** tries;
};

export const createHttp = ({ fetch, clock, remainingMs, chance = () => 0 }: HttpOptions): Http => {
  const pauses = new Map<string, number>();

  const ask = async (request: HttpRequest, limitMs: number): Promise<{ response: Response; text: string }> => {
    const abort = new AbortController();
    const timer = new AbortController();
    const expiry = clock.sleep(limitMs, timer.signal).then(() => {
      if (!timer.signal.aborted) abort.abort();
    });
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: plainHeaders(request.headers),
        signal: abort.signal,
        redirect: "error",
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      });
      return { response, text: await response.text() };
    } catch (cause) {
      const reason = cause instanceof Error ? redactText(cause.message) : "unknown";
      if (abort.signal.aborted)
        throw new VendorError("TIMEOUT", `${what(request)} was not answered within ${limitMs} ms`, { cause });
      throw new VendorError("UNREACHABLE", `${what(request)} could not be asked: ${reason}`, { cause });
    } finally {
      timer.abort(ANSWERED);
      await expiry;
    }
  };

  const tryOnce = async (request: HttpRequest, caller: string): Promise<HttpAnswer> => {
    const limitMs = Math.min(TRY_MS, remainingMs() - RESERVE_MS);
    if (limitMs <= 0) throw new VendorError("NO_TIME", `${what(request)} was not asked: the function's time is over`);
    const { response, text } = await ask(request, limitMs);
    pauses.set(caller, pauseUntilMs(response.headers, clock.now()));
    const body = jsonOf(text);
    const code = codeOfStatus(response.status);
    if (code) {
      const facts = errorFacts(body);
      const message = `${what(request)} was answered ${response.status}${facts.message ? ` (${facts.message})` : ""}`;
      throw new VendorError(code, message, {
        retryAfterMs: retryAfterMs(response.headers, clock.now()) ?? facts.retryAfterMs,
      });
    }
    if (body === NOT_JSON) throw new VendorError("BAD_ANSWER", `${what(request)} was answered with something not JSON`);
    const dateMs = Date.parse(response.headers.get("date") ?? "");
    return { body, vendorNowMs: Number.isNaN(dateMs) ? undefined : dateMs };
  };

  const wait = async (durationMs: number, because: VendorError): Promise<void> => {
    if (durationMs > remainingMs() - RESERVE_MS) throw because;
    await clock.sleep(durationMs);
  };

  /** Past a limit all who wait would come back at once, and most of them be refused again. */
  const waitForLimit = (durationMs: number, because: VendorError): Promise<void> =>
    wait(durationMs + spreadMs(durationMs, chance(), remainingMs() - RESERVE_MS), because);

  return {
    async send(request) {
      const caller = credential(request);
      for (let tries = 1; ; tries++) {
        const pauseMs = pauseBefore(pauses.get(caller), clock.now());
        if (pauseMs > 0)
          await waitForLimit(
            pauseMs,
            new VendorError("RATE_LIMITED", exhausted(request, pauseMs), { retryAfterMs: pauseMs }),
          );
        try {
          return await tryOnce(request, caller);
        } catch (error) {
          if (!(error instanceof VendorError)) throw error;
          const waitMs = waitBeforeRetry(error, tries, request.repeatable);
          if (waitMs === undefined) throw error;
          if (error.code === "RATE_LIMITED") await waitForLimit(waitMs, error);
          else await wait(waitMs, error);
        }
      }
    },
  };
};

/** Any reason at all: without one, an error with its stack is made for each answer. */
const ANSWERED = "answered";

const exhausted = (request: HttpRequest, pauseMs: number): string =>
  `${what(request)} was not asked: the vendor's rate limit is used up for another ${Math.ceil(pauseMs / 1_000)} s`;

const NOT_JSON = Symbol("not JSON");

const jsonOf = (text: string): unknown => {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
};

/** Limits are counted by key, so pauses are too. */
const credential = (request: HttpRequest): string => {
  const { "X-API-Key": apiKey, Authorization: authorization } = plainHeaders(request.headers);
  return `${new URL(request.url).origin} ${apiKey ?? authorization ?? ""}`;
};
