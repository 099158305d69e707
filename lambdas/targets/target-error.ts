import type { TargetCode } from "../contracts/distribute.ts";

const RETRYABLE: ReadonlySet<TargetCode> = new Set(["RATE_LIMITED", "UNAVAILABLE", "UNREACHABLE", "TIMEOUT"]);

export interface TargetErrorDetails {
  /** How long was asked to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** The only error of a target. Its message holds no secret, and says what to do where somebody has to do something. */
export class TargetError extends Error {
  readonly code: TargetCode;
  /** True when the same call may succeed in a moment. */
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: TargetCode, message: string, details: TargetErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = `TARGET_${code}`;
    this.code = code;
    this.retryable = RETRYABLE.has(code);
    this.retryAfterMs = details.retryAfterMs;
  }
}
