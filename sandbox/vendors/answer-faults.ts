import type { Clock } from "../../lambdas/clock.ts";
import type { Fault } from "./hostility.ts";
import { jsonAnswer, readObject, withoutFields } from "./json.ts";

/** The connection broke before an answer was complete. What `fetch` rejects with in process; over HTTP the socket is closed. */
export class ConnectionDropped extends TypeError {
  readonly code = "ECONNRESET";

  constructor() {
    super("fetch failed: the vendor closed the connection without an answer");
    this.name = "ConnectionDropped";
  }
}

/** The error bodies that differ between vendors. `path` is the request's. */
export interface ErrorAnswers {
  failed(status: number, path: string): Response;
  throttled(retryAfterSeconds: number | null, path: string): Response;
}

const SILENCE_MS = 30_000;
const LATE_COMMIT_MS = 60_000;
const SLOW_MS = 10_000;
const RETRY_AFTER_SECONDS = 30;
const WEB_PAGE =
  "<!doctype html><html><head><title>Bad gateway</title></head><body><h1>Please try again</h1></body></html>";

const dropAfter = async (clock: Clock, delayMs: number): Promise<never> => {
  await clock.sleep(delayMs);
  throw new ConnectionDropped();
};

const withRetryAfter = (answer: Response, seconds: number | null | undefined): Response => {
  if (typeof seconds === "number") answer.headers.set("retry-after", String(seconds));
  return answer;
};

/** A 429 as the vendor words it, with the header unless `retryAfterSeconds` is null. */
export const throttledAnswer = (answers: ErrorAnswers, retryAfterSeconds: number | null, path: string): Response =>
  withRetryAfter(answers.throttled(retryAfterSeconds, path), retryAfterSeconds);

const EDGE_BODIES = {
  html: [
    "text/html",
    "<!doctype html><html><head><title>Access denied</title></head><body>Request blocked.</body></html>",
  ],
  message: ["application/json", '{"message":"Forbidden"}'],
  error: ["application/json", '{"error":"Unauthorized"}'],
  empty: ["text/plain", ""],
} as const;

const edgeAnswer = ({ status = 403, body = "html" }: Extract<Fault, { kind: "edge" }>): Response => {
  const [contentType, text] = EDGE_BODIES[body];
  return new Response(text, { status, headers: { "content-type": contentType } });
};

/** What `fault` answers in place of doing the work; undefined: the work is to be done now (after a wait, perhaps). */
export const answerInstead = async (
  fault: Fault | undefined,
  clock: Clock,
  answers: ErrorAnswers,
  path: string,
): Promise<Response | undefined> => {
  switch (fault?.kind) {
    case "silence":
      return dropAfter(clock, fault.afterMs ?? SILENCE_MS);
    case "commit-late":
      await clock.sleep(fault.delayMs ?? LATE_COMMIT_MS);
      return undefined;
    case "server-error":
      return answers.failed(fault.status ?? 500, path);
    case "unavailable":
      return withRetryAfter(answers.failed(503, path), fault.retryAfterSeconds);
    case "rate-limited":
      return throttledAnswer(
        answers,
        fault.retryAfterSeconds === undefined ? RETRY_AFTER_SECONDS : fault.retryAfterSeconds,
        path,
      );
    case "edge":
      return edgeAnswer(fault);
    default:
      return undefined;
  }
};

const cutOff = (text: string): string => (text.length < 2 ? "{" : text.slice(0, Math.ceil(text.length / 2)));

/** The same answer with another body. */
const withBody = (answer: Response, body: string, contentType: string): Response =>
  new Response(body, { status: answer.status === 204 ? 200 : answer.status, headers: { "content-type": contentType } });

/** What `fault` makes of the answer to work that was done. */
export const distort = async (
  fault: Fault | undefined,
  answer: Response,
  answers: ErrorAnswers,
  path: string,
): Promise<Response> => {
  switch (fault?.kind) {
    case "commit-then-server-error":
      return answers.failed(fault.status ?? 500, path);
    case "not-json":
      return withBody(answer, cutOff(await answer.text()), "application/json");
    case "html":
      return withBody(answer, WEB_PAGE, "text/html");
    case "missing-fields":
      return jsonAnswer(answer.status === 204 ? 200 : answer.status, await stripped(answer, fault.fields));
    default:
      return answer;
  }
};

const stripped = async (answer: Response, fields: readonly string[] | undefined): Promise<unknown> => {
  if (!fields) return {};
  const text = await answer.text();
  return text.startsWith("[") ? withoutFields(JSON.parse(text), fields) : withoutFields(readObject(text) ?? {}, fields);
};

/** Hands the finished answer over as `fault` will have it: at once, late, or never. */
export const deliver = async (fault: Fault | undefined, answer: Response, clock: Clock): Promise<Response> => {
  switch (fault?.kind) {
    case "commit-then-silence":
      return dropAfter(clock, fault.afterMs ?? SILENCE_MS);
    case "commit-late":
      return dropAfter(clock, 0);
    case "slow":
      await clock.sleep(fault.delayMs ?? SLOW_MS);
      return answer;
    default:
      return answer;
  }
};
