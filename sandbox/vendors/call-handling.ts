/*
 * The way of one call through a vendor, the same for both: count, planned fault, authentication, rate limit, rights, work, bookkeeping,
 * headers. What differs between vendors comes in as a `Dialect` and as `Route`s.
 */
import type { Context } from "hono";
import type { Clock } from "../../lambdas/clock.ts";
import { answerInstead, deliver, distort, type ErrorAnswers, throttledAnswer } from "./answer-faults.ts";
import type { Fault, FaultPlan, Operation } from "./hostility.ts";
import { extraSkewMs } from "./key-faults.ts";
import type { KeyRecord } from "./key-record.ts";
import type { KeyStore } from "./key-store.ts";
import type { OperationCounter } from "./operation-counter.ts";
import type { RateLimiter } from "./rate-limit.ts";

/** How a vendor reads a key from a request, and words its refusals. */
export interface Dialect extends ErrorAnswers {
  credentialOf(headers: Headers): string | undefined;
  missingCredential(path: string): Response;
  unknownKey(path: string): Response;
  refused(path: string): Response;
}

/** One call that may be worked on: its key is accepted and has the right. */
export interface Call {
  readonly context: Context;
  readonly path: string;
  readonly bodyText: string;
  readonly key: KeyRecord;
  readonly fault: Fault | undefined;
  /** The vendor's clock, as this call sees it. */
  readonly vendorNowMs: number;
}

export interface Route {
  readonly operation: Operation;
  permits(key: KeyRecord): boolean;
  work(call: Call): Response;
}

export interface VendorParts {
  readonly clock: Clock;
  readonly clockSkewMs: number;
  readonly store: KeyStore;
  readonly limiter: RateLimiter;
  readonly faults: FaultPlan;
  readonly counter: OperationCounter;
  readonly dialect: Dialect;
  /** P: whether X-RateLimit headers are there at all. */
  readonly rateLimitHeaders: boolean;
  /** I: a call refused with 403 proves that the key is alive; whether it counts as use. All other refusals and failures never do. */
  readonly refusedCallsAreUse: boolean;
  /** I: whether the calls that verifications are made of count as use. */
  readonly verificationsAreUse: boolean;
}

interface Arrival {
  readonly context: Context;
  readonly path: string;
  readonly bodyText: string;
  readonly credential: string | undefined;
  readonly key: KeyRecord | undefined;
  readonly fault: Fault | undefined;
}

/** Counts the call, and reads it whole, since a caller who gives up takes the rest of the body along. */
const receive = async (parts: VendorParts, route: Route, context: Context): Promise<Arrival> => {
  parts.counter.count(route.operation);
  const fault = parts.faults.take(route.operation);
  const credential = parts.dialect.credentialOf(context.req.raw.headers);
  const key = credential === undefined ? undefined : parts.store.withValue(credential);
  if (key) key.requests += 1;
  return { context, path: context.req.path, bodyText: await context.req.text(), credential, key, fault };
};

const vendorNowMs = (parts: VendorParts): number => parts.clock.now() + parts.clockSkewMs;

const secondsUntil = (timeMs: number, nowMs: number): number => Math.max(1, Math.ceil((timeMs - nowMs) / 1_000));

const workOn = (parts: VendorParts, route: Route, arrival: Arrival): Response => {
  const { dialect, limiter, store } = parts;
  const { key, path, fault } = arrival;
  const nowMs = vendorNowMs(parts);
  if (arrival.credential === undefined) return dialect.missingCredential(path);
  if (!key || fault?.kind === "auth-store-down" || !store.accepts(key)) return dialect.unknownKey(path);
  if (!limiter.take(key.id, nowMs)) {
    return throttledAnswer(dialect, secondsUntil(limiter.read(key.id, nowMs).resetAtMs, nowMs), path);
  }
  if (!route.permits(key)) return dialect.refused(path);
  const { context, bodyText } = arrival;
  return route.work({ context, path, bodyText, key, fault, vendorNowMs: nowMs + extraSkewMs(fault) });
};

/** What verifications are made of: lists of keys, and of datasets. */
const VERIFYING: ReadonlySet<Operation> = new Set(["list", "datasets"]);

const isUse = (parts: VendorParts, operation: Operation, status: number): boolean => {
  if (!parts.verificationsAreUse && VERIFYING.has(operation)) return false;
  return status < 400 || (status === 403 && parts.refusedCallsAreUse);
};

const bookDenial = (key: KeyRecord | undefined, status: number): void => {
  if (key && (status === 401 || status === 403)) key.denied += 1;
};

const book = (parts: VendorParts, { operation }: Route, key: KeyRecord | undefined, status: number): void => {
  bookDenial(key, status);
  if (key && isUse(parts, operation, status)) parts.store.noteUse(key);
};

const stamp = (parts: VendorParts, arrival: Arrival, answer: Response): Response => {
  const nowMs = vendorNowMs(parts);
  answer.headers.set("date", new Date(nowMs + extraSkewMs(arrival.fault)).toUTCString());
  if (!parts.rateLimitHeaders) return answer;
  const reading = parts.limiter.read(arrival.key?.id, nowMs);
  answer.headers.set("x-ratelimit-limit", String(reading.limit));
  answer.headers.set("x-ratelimit-remaining", String(reading.remaining));
  answer.headers.set("x-ratelimit-reset", String(Math.ceil(reading.resetAtMs / 1_000)));
  return answer;
};

/** Answers one call of `route`. Rejects with ConnectionDropped when the planned fault says that nobody answers. */
export const handleCall = async (parts: VendorParts, route: Route, context: Context): Promise<Response> => {
  const arrival = await receive(parts, route, context);
  const { fault, key, path } = arrival;
  const instead = await answerInstead(fault, parts.clock, parts.dialect, path);
  if (instead) {
    bookDenial(key, instead.status);
    return stamp(parts, arrival, instead);
  }
  const answer = workOn(parts, route, arrival);
  book(parts, route, key, answer.status);
  const distorted = await distort(fault, answer, parts.dialect, path);
  return deliver(fault, stamp(parts, arrival, distorted), parts.clock);
};
