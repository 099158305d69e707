/** A function of the service that failed, or could not be asked. Its message holds no secret: the functions redact theirs. */
export class FunctionError extends Error {
  /** The error's type as the function or AWS names it; stable, other than the message. */
  readonly code: string;
  /** The function's name or ARN. */
  readonly functionName: string;

  constructor(code: string, functionName: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "FunctionError";
    this.code = code;
    this.functionName = functionName;
  }
}

/** Our own codes for what has none of the function's or of AWS's. */
export const UNREACHABLE = "UNREACHABLE";
export const ROLE_REFUSED = "ROLE_REFUSED";
export const BAD_ANSWER = "BAD_ANSWER";
export const NEWER_SERVICE = "NEWER_SERVICE";
export const OLDER_SERVICE = "OLDER_SERVICE";

/** Before the name of an error that a function got from AWS and passed on. */
export const OF_FUNCTION = "Function.";

/** Failures that pass by themselves. Every request may be repeated, so that it does not matter whether it was done. */
const PASSING: ReadonlySet<string> = new Set([
  // Keyturn's own (lambdas/errors.ts), where the next try looks first and goes on
  "VALUE_MAYBE_COMING",
  "MINT_WAITS",
  "NOT_YET_ALIVE",
  "TOKEN_NOT_STAGED",
  "CONFLICT",
  "LISTING_NOT_WHOLE",
  // the vendor's (lambdas/vendors/vendor-error.ts)
  "VENDOR_RATE_LIMITED",
  "VENDOR_UNAVAILABLE",
  "VENDOR_UNREACHABLE",
  "VENDOR_TIMEOUT",
  "VENDOR_BAD_ANSWER",
  "VENDOR_NO_TIME",
  // a function that ended without an answer (AWS Lambda, "Understanding retry behavior")
  "Sandbox.Timedout",
  "Runtime.ExitError",
  "Unhandled",
  // what AWS answered the function (AWS Secrets Manager, "Common errors", and the SDK's own)
  `${OF_FUNCTION}ThrottlingException`,
  `${OF_FUNCTION}InternalServiceError`,
  `${OF_FUNCTION}InternalFailure`,
  `${OF_FUNCTION}ServiceUnavailable`,
  `${OF_FUNCTION}TimeoutError`,
  // AWS Lambda's API, "Invoke": throttling, its own failures, and a function that is not ready yet
  "TooManyRequestsException",
  "ThrottlingException",
  "ServiceException",
  "EC2ThrottledException",
  "ResourceNotReadyException",
  "ResourceConflictException",
]);

/**
 * Failures that may pass, and how often they are met before they count: the AWS SDK has tried thrice each time already;
 * each dead generation was a key of its own, which takes a slot until it is revoked, and so may each mint be of which nobody knows; and what
 * cannot be confirmed in three tries may need a person.
 */
const MET_AT_MOST: Readonly<Record<string, number>> = {
  [UNREACHABLE]: 3,
  GENERATION_DEAD: 2,
  MINT_UNKNOWN: 3,
  UNCONFIRMED: 3,
};

/** @param met how often this failure was met, this time included */
export const isPassing = (error: unknown, met: (code: string) => number): error is FunctionError =>
  error instanceof FunctionError && (PASSING.has(error.code) || met(error.code) < (MET_AT_MOST[error.code] ?? 0));
