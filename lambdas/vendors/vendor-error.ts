/** What a vendor's answer means, by a name that stays the same across vendors. */
export type VendorErrorCode =
  | "UNAUTHORIZED" // 401: the key is unknown or revoked
  | "FORBIDDEN" // 403: the key works, its rights are too small
  | "NOT_FOUND" // 404, 410
  | "UNSUPPORTED" // 405, 501, or an endpoint that the vendor turned out not to have
  | "CONFLICT" // 409: the state does not allow it
  | "INVALID" // 400, 422: the request was refused for what it says
  | "RATE_LIMITED" // 429: nothing was done
  | "UNAVAILABLE" // 5xx, 408, 425: it may or may not have been done
  | "UNREACHABLE" // no connection, or it broke: where one was made, it may or may not have been done
  | "TIMEOUT" // no answer in time: it may or may not have been done
  | "BAD_ANSWER" // an answer that cannot be read, or 206, a part of one: it may or may not have been done
  | "NO_TIME" // not asked, because the function's own time is nearly over
  | "REFUSED"; // any other 4xx

const RETRYABLE: ReadonlySet<VendorErrorCode> = new Set([
  "RATE_LIMITED",
  "UNAVAILABLE",
  "UNREACHABLE",
  "TIMEOUT",
  "BAD_ANSWER",
  "NO_TIME",
]);

const NOT_DONE: ReadonlySet<VendorErrorCode> = new Set(["RATE_LIMITED", "NO_TIME"]);

export interface VendorErrorDetails {
  readonly retryAfterMs?: number | undefined;
  readonly vendorCode?: string | undefined;
  readonly cause?: unknown;
  /** Whether it cannot have been done, whatever the code leaves open. @default false */
  readonly isUndone?: boolean;
}

/** The only error that a vendor's method throws. Its message holds no secret. */
export class VendorError extends Error {
  readonly code: VendorErrorCode;
  /** True when the same call may succeed later. */
  readonly retryable: boolean;
  /** How long the vendor asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The vendor's own code of the error, where it answered in its own form. */
  readonly vendorCode: string | undefined;
  readonly #isUndone: boolean;

  constructor(code: VendorErrorCode, message: string, details: VendorErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = `VENDOR_${code}`;
    this.code = code;
    this.retryable = RETRYABLE.has(code);
    this.retryAfterMs = details.retryAfterMs;
    this.vendorCode = details.vendorCode;
    this.#isUndone = details.isUndone ?? false;
  }

  /** True when the vendor may have done what it was asked although it did not say so. */
  get ambiguous(): boolean {
    return this.retryable && !this.#isUndone && !NOT_DONE.has(this.code);
  }
}

const BY_STATUS: Readonly<Record<number, VendorErrorCode>> = {
  206: "BAD_ANSWER",
  400: "INVALID",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "UNSUPPORTED",
  408: "UNAVAILABLE",
  409: "CONFLICT",
  410: "NOT_FOUND",
  422: "INVALID",
  425: "UNAVAILABLE",
  429: "RATE_LIMITED",
  501: "UNSUPPORTED",
};

/** The code of an HTTP status, `undefined` for a success. The one place where statuses are given a meaning. */
export const codeOfStatus = (status: number): VendorErrorCode | undefined => {
  if (status >= 200 && status < 300) return BY_STATUS[status];
  return BY_STATUS[status] ?? (status >= 500 ? "UNAVAILABLE" : "REFUSED");
};
