import { redactText } from "../redacted.ts";

/*
 * Why a request got no answer. What fetch throws says "fetch failed"; its reason lies in a chain of causes, by the codes of Node.js (Errors:
 * "Common system errors", OpenSSL's and undici's own).
 */
export interface Unanswered {
  readonly reason: string;
  /** Whether nothing of it can have arrived: no connection was made. */
  readonly isUnsent: boolean;
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ENOTFOUND: "its host name is not known",
  EAI_AGAIN: "its host name could not be looked up",
  EHOSTUNREACH: "there is no way to its host",
  ENETUNREACH: "there is no way to its network",
  UND_ERR_CONNECT_TIMEOUT: "no connection was made in time",
  ETIMEDOUT: "nothing came in time",
  EPROTO: "it does not speak TLS as is expected",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was closed",
  UND_ERR_SOCKET: "the connection was closed",
  UND_ERR_HEADERS_TIMEOUT: "no answer came in time",
  UND_ERR_BODY_TIMEOUT: "the answer did not end in time",
  HPE_INVALID_CONSTANT: "it does not speak HTTP",
};

/** Calls of the operating system before there is a connection. The same codes may come of one that was used. */
const BEFORE_CONNECTION = new Set(["connect", "getaddrinfo"]);
/** No connection was made, or what was there does not speak TLS, which shows in its first answer. */
const UNSENT = new Set(["UND_ERR_CONNECT_TIMEOUT", "ERR_SSL_WRONG_VERSION_NUMBER"]);

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/;
const TLS = /^ERR_(SSL|TLS)_/;

/** How deep a cause is looked for. */
const DEEPEST = 5;

interface Found {
  readonly code: string;
  readonly isUnsent: boolean;
}

const causeIn = (error: unknown, depth = 0): Found | undefined => {
  if (!(error instanceof Error) || depth > DEEPEST) return undefined;
  const { code, syscall, cause } = error as { code?: unknown; syscall?: unknown; cause?: unknown };
  // Of several addresses that were tried, each has its own error.
  const inner = error instanceof AggregateError ? error.errors : [];
  const found = [...inner, cause].flatMap((one) => causeIn(one, depth + 1) ?? []);
  if (typeof code !== "string" || code === "") return found[0];
  const isUnsent = BEFORE_CONNECTION.has(String(syscall)) || UNSENT.has(code) || CERTIFICATE.test(code);
  return { code, isUnsent: isUnsent || (found.length > 0 && found.every((one) => one.isUnsent)) };
};

const isBadPort = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof Error && error.cause.message === "bad port";

const wordsFor = (code: string): string | undefined => {
  if (CERTIFICATE.test(code)) return "its certificate is not trusted";
  return TLS.test(code) ? "it does not speak TLS as is expected" : WORDS[code];
};

const byCode = (error: unknown): Unanswered => {
  if (isBadPort(error))
    return { reason: "its port is one that no request is made to (Fetch: bad ports)", isUnsent: true };
  const found = causeIn(error);
  if (!found) return { reason: error instanceof Error ? error.name : "unknown", isUnsent: false };
  const { code, isUnsent } = found;
  const words = wordsFor(code);
  return { reason: words === undefined ? code : `${words} (${code})`, isUnsent };
};

/** @param error what fetch threw; the text of its own errors is not taken over, as it may quote what was sent */
export const unansweredBy = (error: unknown): Unanswered => {
  const { reason, isUnsent } = byCode(error);
  const isFetchs = !(error instanceof Error) || error instanceof TypeError;
  return { reason: isFetchs ? reason : redactText(error.message), isUnsent };
};
