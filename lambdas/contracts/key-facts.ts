import * as z from "zod/mini";
import { KeyturnError } from "../errors.ts";

/**
 * The versions of what is said about managed keys between `inspect` and `manage` on one side and the Terraform provider on
 * the other. A caller says its newest; the function answers in the newest that both know. What is added does not make a new
 * version: unknown fields of an answer are ignored.
 */
export const KEY_PROTOCOL = { oldest: 1, newest: 1 } as const;

interface Protocols {
  readonly oldest: number;
  readonly newest: number;
}

/** The version to answer a caller in; `undefined` when it is too old to be understood. One that names none speaks the first. */
export const answerProtocol = (asked: number | undefined, known: Protocols = KEY_PROTOCOL): number | undefined => {
  const newestOfBoth = Math.min(asked ?? 1, known.newest);
  return newestOfBoth < known.oldest ? undefined : newestOfBoth;
};

/** The error type with which a function refuses a caller that `answerProtocol` finds too old. */
export const UNSUPPORTED_PROTOCOL = "UNSUPPORTED_PROTOCOL";

/**
 * The version in which a function answers its caller.
 * @throws KeyturnError UNSUPPORTED_PROTOCOL
 */
export const protocolFor = (asked: number | undefined): number => {
  const protocol = answerProtocol(asked);
  if (protocol !== undefined) return protocol;
  throw new KeyturnError(
    UNSUPPORTED_PROTOCOL,
    `the caller speaks version ${asked ?? 1} of the protocol, this service ${KEY_PROTOCOL.oldest} to ${KEY_PROTOCOL.newest}; upgrade the caller: for Terraform raise the Keyturn provider's version in required_providers`,
  );
};

/**
 * How a managed key stands.
 * current: its current generation works as declared. rotating: it works, and a new generation is on its way. missing: it has
 * none. revoked: it has one that the vendor does not take. destroyed: it was destroyed, or its secret is gone.
 */
export const KEY_STATUSES = ["current", "rotating", "missing", "revoked", "destroyed"] as const;
export type KeyStatus = (typeof KEY_STATUSES)[number];

const text = z.string().check(z.minLength(1));
const time = z.string().check(z.refine((value) => !Number.isNaN(Date.parse(value)), "must be a time in ISO 8601"));
const count = z.int().check(z.minimum(0));

/** The claim of a Terraform object on a key. */
export const claimFacts = z.object({
  id: text,
  /** Not there: it is not written anywhere, as that of an object from before claims had names. */
  since: z.optional(time),
  /** Its create has not been answered. */
  isOpen: z.optional(z.boolean()),
});
export type ClaimFacts = z.output<typeof claimFacts>;

/** An object in a cluster that still holds the last value of a key that was ended. */
export const leftTarget = z.object({ cluster: text, command: text });
export type LeftTarget = z.output<typeof leftTarget>;

/** Facts about one managed key, never its value. Times are ISO 8601 UTC. */
export const keyFacts = z.object({
  secretArn: text,
  secretName: text,
  /** The name that the current generation was minted for; the declared one where there is none, or it was adopted. */
  name: text,
  /** The vendor connection that the secret's tags declare. */
  connection: text,
  vendor: text,
  /** What the current generation may do, by its vendor; the declared one where there is none. */
  role: z.optional(text),
  type: z.optional(text),
  status: z.enum(KEY_STATUSES),
  keyId: z.optional(text),
  /** What the vendor shows of the key, such as `pk_live_a1b2…`. */
  keyPrefix: z.optional(text),
  versionId: z.optional(text),
  createdAt: z.optional(time),
  /** Not there: never, or the vendor does not say. */
  lastUsedAt: z.optional(time),
  nextRotationAt: z.optional(time),
  /**
   * Why it could not be told how the key stands at its vendor: then what would come from there is what its secret says, and whoever
   * knew more keeps that. Not there: it could.
   */
  notTold: z.optional(text),
  /** How many generations the vendor takes now, the current one included. */
  liveGenerations: count,
  /** Ids of keys that should be revoked and whose revocation the vendor has not confirmed. */
  debt: z.array(text),
  /** The claims on it that are written down. Not there: the service is older than claims. */
  claims: z.optional(z.array(claimFacts)),
  /** Of a key that was just ended: what is to be deleted by whoever may. */
  leftTargets: z.optional(z.array(leftTarget)),
});
export type KeyFacts = z.output<typeof keyFacts>;

/** Any answer, as far as it must be understood before it can be known whether the rest can be. */
export const anyAnswer = z.object({ protocol: count });
