import type { Clock } from "../clock.ts";
import { flawOf } from "../contracts/secret-value.ts";
import { Redacted } from "../redacted.ts";
import { errorFacts } from "./error-body.ts";
import { pauseBefore, pauseUntilMs, retryAfterMs, spreadMs } from "./rate-limit.ts";
import { momentOf } from "./time-forms.ts";
import { unansweredBy } from "./unanswered.ts";
import { codeOfStatus, VendorError, type VendorErrorCode } from "./vendor-error.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string | Redacted>>;
  readonly body?: unknown;
  /** The domain of the vendor's documentation, where the types of its problem details lie. Not there: those of any domain are its own. */
  readonly documentedAt?: string;
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
  /**
   * Asks for the status alone: a success is known before its body has come, which may be long.
   * @returns whether the success is the vendor's own: JSON, not a web page that something on the way served
   * @throws VendorError for anything but a 2xx
   */
  ask(request: HttpRequest): Promise<boolean>;
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
  /** How often what may be repeated is asked at most. @default 4 */
  readonly maxTries?: number;
  /** How often a limit is met at most. @default as often as there is time to wait for it */
  readonly maxLimited?: number | undefined;
  /** Told of each request before it is made. */
  readonly onRequest?: (() => void) | undefined;
  /** Told of the headers of each answer. */
  readonly onAnswer?: (headers: Headers) => void;
}

/** The longest that one try may take. */
const TRY_MS = 10_000;
/** What is kept of the function's time, so that it can still say what went wrong. */
const RESERVE_MS = 1_500;
/** An answer that something on the way kept from earlier proves nothing of now. */
const UNCACHED = { "Cache-Control": "no-cache" };
const MAX_TRIES = 4;
/** A page of 500 keys is about 200 kB. What is much larger is no answer, and is not unpacked into memory. */
const LARGEST_BODY_BYTES = 8 * 1024 * 1024;

/** Fetch standard, "header value": beyond these a value is refused, and quoted in the error. */
const NO_HEADER = /[^\t\x20-\x7e\x80-\xff]/;

/** @throws VendorError INVALID for a key that fetch would refuse */
const checkSendable = ({ headers, method, url }: HttpRequest): void => {
  for (const value of Object.values(headers)) {
    const key = value instanceof Redacted ? value.reveal().replace(/^Bearer /, "") : "";
    const flaw = NO_HEADER.test(key) ? flawOf(key) : undefined;
    if (flaw !== undefined)
      throw new VendorError("INVALID", `${method} ${new URL(url).pathname} was not asked: the key ${flaw}`);
  }
};

const plainHeaders = (headers: HttpRequest["headers"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([field, value]) => [field, value instanceof Redacted ? value.reveal() : value]),
  );

const what = (request: HttpRequest): string => `${request.method} ${new URL(request.url).pathname}`;

/** As long as the vendor asks, or longer each time; and never at once again and again, as one may ask that says 0. */
const patienceMs = ({ retryAfterMs }: VendorError, tries: number): number => {
  const growingMs = 250 * 2 ** tries;
  return retryAfterMs === undefined ? growingMs : Math.max(retryAfterMs, Math.min(growingMs, 2_000));
};

/**
 * Milliseconds to wait before the next try, `undefined` when there must be none. A limit is no failure: how often it is waited
 * for is bounded by the function's time, and by what the caller may spend on it.
 */
const waitBeforeRetry = (
  error: VendorError,
  tries: number,
  repeatable: boolean,
  { maxTries = MAX_TRIES, maxLimited = Number.POSITIVE_INFINITY }: Pick<HttpOptions, "maxTries" | "maxLimited">,
): number | undefined => {
  if (error.code === "RATE_LIMITED") return tries < maxLimited ? patienceMs(error, tries) : undefined;
  if (tries >= maxTries || !error.retryable || error.code === "NO_TIME") return undefined;
  if (error.ambiguous && !repeatable) return undefined;
  return patienceMs(error, tries);
};

const isJson = ({ headers }: Response): boolean =>
  /^application\/(?:[\w.-]+\+)?json\b/i.test(headers.get("content-type") ?? "");

/** Lets the rest of a body go. It is not waited for, and neither is its end: whether that went well says nothing of the answer. */
const letGo = (end: Promise<void> | undefined): void => void end?.catch(() => undefined);

/** @returns `undefined` for a body that is too large to be an answer */
const textOf = async ({ body }: Response): Promise<string | undefined> => {
  const reader = body?.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    size += part.value.byteLength;
    if (size > LARGEST_BODY_BYTES) {
      letGo(reader?.cancel());
      return undefined;
    }
    parts.push(part.value);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
};

/** What is wanted of a success: all of it, or nothing but whether it is the vendor's own. */
type Reader<Result> = (request: HttpRequest, response: Response) => Promise<Result>;

const wholeAnswer: Reader<HttpAnswer> = async (request, response) => {
  const text = await textOf(response);
  if (text === undefined)
    throw new VendorError("BAD_ANSWER", `${what(request)} was answered with more than ${LARGEST_BODY_BYTES} bytes`);
  const body = jsonOf(text);
  if (body === NOT_JSON) throw new VendorError("BAD_ANSWER", `${what(request)} was answered with something not JSON`);
  return { body, vendorNowMs: momentOf(response.headers.get("date"))?.fromMs };
};

const isVendors: Reader<boolean> = async (_request, response) => {
  if (response.status !== 204 && !isJson(response)) {
    const body = jsonOf((await textOf(response)) ?? "");
    return body !== NOT_JSON && body !== undefined;
  }
  letGo(response.body?.cancel());
  return response.status === 204 || response.headers.get("content-length") !== "0";
};

/** No redirect is followed with a key: it would go to whoever the answer names. */
const redirection = (request: HttpRequest, { status, headers }: Response): VendorError => {
  const to = headers.get("location") ?? "";
  const where = to !== "" && URL.canParse(to, request.url) ? ` to ${new URL(to, request.url).host}` : "";
  const message = `${what(request)} was answered ${status}, a redirect${where}, which is not followed with a key: check baseUrl`;
  return new VendorError("UNAVAILABLE", message, { isUndone: true });
};

const isRedirect = (status: number): boolean => status >= 300 && status < 400;

/** What a refusal means, its status says; its body, if it can be read, says it better. */
const refusal = async (request: HttpRequest, response: Response, code: VendorErrorCode, nowMs: number) => {
  const facts = errorFacts(jsonOf((await textOf(response)) ?? ""), request.documentedAt);
  const message = `${what(request)} was answered ${response.status}${facts.message ? ` (${facts.message})` : ""}`;
  return new VendorError(code, message, {
    retryAfterMs: retryAfterMs(response.headers, nowMs) ?? facts.retryAfterMs,
    vendorCode: facts.vendorCode,
  });
};

export const createHttp = (options: HttpOptions): Http => {
  const { fetch, clock, remainingMs, chance = () => 0, onRequest, onAnswer } = options;
  const pauses = new Map<string, number>();

  const inTime = async <Result>(
    request: HttpRequest,
    limitMs: number,
    read: (response: Response) => Promise<Result>,
  ): Promise<Result> => {
    const abort = new AbortController();
    const timer = new AbortController();
    const expiry = clock.sleep(limitMs, timer.signal).then(() => {
      if (!timer.signal.aborted) abort.abort();
    });
    try {
      onRequest?.();
      const response = await fetch(request.url, {
        method: request.method,
        headers: { ...UNCACHED, ...plainHeaders(request.headers) },
        signal: abort.signal,
        redirect: "manual",
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      });
      return await read(response);
    } catch (cause) {
      if (cause instanceof VendorError) throw cause;
      if (abort.signal.aborted)
        throw new VendorError("TIMEOUT", `${what(request)} was not answered within ${limitMs} ms`);
      const { reason, isUnsent } = unansweredBy(cause);
      const host = new URL(request.url).host;
      throw new VendorError("UNREACHABLE", `${what(request)} could not be asked of ${host}: ${reason}`, {
        isUndone: isUnsent,
      });
    } finally {
      timer.abort(ANSWERED);
      await expiry;
    }
  };

  const tryOnce = async <Result>(request: HttpRequest, caller: string, reader: Reader<Result>): Promise<Result> => {
    checkSendable(request);
    const limitMs = Math.min(TRY_MS, remainingMs() - RESERVE_MS);
    if (limitMs <= 0) throw new VendorError("NO_TIME", `${what(request)} was not asked: the function's time is over`);
    return inTime(request, limitMs, async (response) => {
      pauses.set(caller, pauseUntilMs(response.headers, clock.now()));
      onAnswer?.(response.headers);
      if (isRedirect(response.status)) throw redirection(request, response);
      const code = codeOfStatus(response.status);
      if (code) throw await refusal(request, response, code, clock.now());
      return reader(request, response);
    });
  };

  const wait = async (durationMs: number, because: VendorError): Promise<void> => {
    if (durationMs > remainingMs() - RESERVE_MS) throw because;
    await clock.sleep(durationMs);
  };

  /** Past a limit all who wait would come back at once, and most of them be refused again. */
  const waitForLimit = (durationMs: number, because: VendorError): Promise<void> =>
    wait(durationMs + spreadMs(durationMs, chance(), remainingMs() - RESERVE_MS), because);

  const untilAnswered = async <Result>(request: HttpRequest, reader: Reader<Result>): Promise<Result> => {
    const caller = credential(request);
    for (let tries = 1; ; tries++) {
      const pauseMs = pauseBefore(pauses.get(caller), clock.now());
      if (pauseMs > 0)
        await waitForLimit(
          pauseMs,
          new VendorError("RATE_LIMITED", exhausted(request, pauseMs), { retryAfterMs: pauseMs }),
        );
      try {
        return await tryOnce(request, caller, reader);
      } catch (error) {
        if (!(error instanceof VendorError)) throw error;
        const waitMs = waitBeforeRetry(error, tries, request.repeatable, options);
        if (waitMs === undefined) throw error;
        if (error.code === "RATE_LIMITED") await waitForLimit(waitMs, error);
        else await wait(waitMs, error);
      }
    }
  };

  return {
    send: (request) => untilAnswered(request, wholeAnswer),
    ask: (request) => untilAnswered(request, isVendors),
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
