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

/** No connection was made. */
const UNSENT: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ENOTFOUND: "its host name is not known",
  EAI_AGAIN: "its host name could not be looked up",
  EHOSTUNREACH: "there is no way to its host",
  ENETUNREACH: "there is no way to its network",
  UND_ERR_CONNECT_TIMEOUT: "no connection was made in time",
  ETIMEDOUT: "no connection was made in time",
  EPROTO: "it does not speak TLS as is expected",
};

/** The connection broke while it was used. */
const BROKEN: Readonly<Record<string, string>> = {
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was closed",
  UND_ERR_SOCKET: "the connection was closed",
  UND_ERR_HEADERS_TIMEOUT: "no answer came in time",
  UND_ERR_BODY_TIMEOUT: "the answer did not end in time",
  HPE_INVALID_CONSTANT: "it does not speak HTTP",
};

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/;
const TLS = /^ERR_(SSL|TLS)_/;

/** How deep a cause is looked for. */
const DEEPEST = 5;

const codeIn = (error: unknown, depth = 0): string | undefined => {
  if (!(error instanceof Error) || depth > DEEPEST) return undefined;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === "string" && code !== "") return code;
  const inner = error instanceof AggregateError ? error.errors : [];
  for (const one of [cause, ...inner]) {
    const found = codeIn(one, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
};

const isBadPort = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof Error && error.cause.message === "bad port";

const byCode = (error: unknown): Unanswered => {
  if (isBadPort(error))
    return { reason: "its port is one that no request is made to (Fetch: bad ports)", isUnsent: true };
  const code = codeIn(error);
  if (code === undefined) return { reason: error instanceof Error ? error.name : "unknown", isUnsent: false };
  if (CERTIFICATE.test(code)) return { reason: `its certificate is not trusted (${code})`, isUnsent: true };
  if (TLS.test(code)) return { reason: `it does not speak TLS as is expected (${code})`, isUnsent: true };
  const unsent = UNSENT[code];
  if (unsent !== undefined) return { reason: `${unsent} (${code})`, isUnsent: true };
  return { reason: BROKEN[code] === undefined ? code : `${BROKEN[code]} (${code})`, isUnsent: false };
};

/** @param error what fetch threw; the text of its own errors is not taken over, as it may quote what was sent */
export const unansweredBy = (error: unknown): Unanswered => {
  const { reason, isUnsent } = byCode(error);
  const isFetchs = !(error instanceof Error) || error instanceof TypeError;
  return { reason: isFetchs ? reason : redactText(error.message), isUnsent };
};
