/** What can go wrong, by a name that stays the same. Alarms, callers and tests go by it, never by a message. */
export type ErrorCode =
  | "BAD_INPUT" // an event, tag, grant or stored value that does not have the form it must have
  | "NOT_MANAGED" // a secret without our tags, or with those of another service
  | "ACCESS_DENIED" // a secret that the function may not reach, or that does not exist: IAM does not tell which
  | "NOT_GRANTED" // a request that the service does not grant
  | "NOT_AS_DECLARED" // a caller expects something else than the secret's tags declare
  | "NOT_ITS_FUNCTION" // a secret that is rotated by somebody else's function
  | "TOKEN_NOT_STAGED" // a rotation event for a version that is not being rotated
  | "NO_VALUE" // a version that must have a value has none
  | "KEY_LIMIT" // the vendor's plan has no slot left
  | "LABEL_LIMIT" // too many generations of one secret wait for their retirement
  | "MINT_UNKNOWN" // the vendor may or may not have minted; the next try looks first
  | "VALUE_LOST" // a key was minted, its value is lost, and it cannot be told whether it may be revoked
  | "VALUE_MAYBE_COMING" // a key was minted so recently that another run may still be storing its value
  | "NOT_AS_ASKED" // the vendor minted something else than it was asked for
  | "NOT_YET_ALIVE" // a new key does not work yet
  | "GENERATION_DEAD" // a stored key does not work and never will
  | "KEY_NOT_FOUND" // a key that was named is not there, or is not the one whose value the secret holds
  | "IN_USE" // a key is used, so that it is not revoked
  | "DESTROYED" // the managed key was destroyed; nothing is minted for it any more
  | "DISTRIBUTE_FAILED" // the function that brings values to their targets failed as a whole
  | "UNSUPPORTED_PROTOCOL" // a caller that speaks a version of the protocol that is too old
  | "LISTING_NOT_WHOLE" // the vendor's list lacks a key of ours that works, so that nothing is minted by it yet
  | "WRONG_ORGANIZATION" // the vendor's list has none of our keys although they work: the admin key is another organization's
  | "MINT_WAITS" // what was minted last came to nothing, and whoever asks for another again has to wait
  | "STORE_DENIED" // Secrets Manager refuses to store a value, so that the minted key was taken back
  | "UNCONFIRMED" // a key was to be revoked, and it cannot be confirmed that it is
  | "EXPIRES" // a key ends by itself before it could be replaced
  | "CONFLICT"; // somebody else changed the secret at the same time

export interface ErrorDetails {
  /** True when the same call may well succeed later without anybody doing anything. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** A failure of Keyturn's own. Its name is its code, which is what Lambda reports as the error's type. */
export class KeyturnError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = code;
    this.code = code;
    this.retryable = details.retryable ?? false;
  }
}
