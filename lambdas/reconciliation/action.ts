import type { Metric } from "../contracts/metrics.ts";

/** Why a key may be revoked. Each is checked again on the secret as it is right before the revocation. */
export type Ground = "retired" | "abandoned" | "compromised" | "compromised-first" | "destroyed" | "stray";

export interface Revoke {
  readonly kind: "revoke";
  /** Where the key was found, which need not be the connection that is declared. */
  readonly connection: string;
  readonly keyId: string;
  readonly keyName: string;
  readonly ground: Ground;
  /** The secret to look at again, and the version of it; a stray has neither. */
  readonly secretId?: string;
  readonly versionId?: string;
  /** The version that was current when this was decided: with another one, what took its place has not been looked at. */
  readonly currentVersionId?: string | undefined;
}

interface OfVersion {
  readonly secretId: string;
  readonly versionId: string;
}

export interface Rotate {
  readonly kind: "rotate";
  readonly secretId: string;
  /** Why, each in a sentence. */
  readonly reasons: readonly string[];
  readonly urgent: boolean;
  /** The current version that this was decided on: with another one, somebody has rotated since. */
  readonly currentVersionId: string;
  /** What asked for it, to be taken off when it has started. */
  readonly clear: readonly { readonly versionId: string; readonly label: string }[];
}

/** A key in use that no labelled version holds, such as one whose version lost AWSPREVIOUS to two values that were put by hand. */
export interface Reclaim {
  readonly kind: "reclaim";
  readonly keyId: string;
  readonly keyName: string;
  /** The secrets of which a version without a label may hold it. */
  readonly secretIds: readonly string[];
}

/** Has the targets of a key brought to its current version. */
export interface Distribute extends OfVersion {
  readonly kind: "distribute";
  readonly reason: string;
}

export interface Report {
  readonly kind: "report";
  readonly secretId?: string;
  readonly action: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly metric?: Metric;
}

export type Action =
  | Revoke
  | ({ readonly kind: "unlabel"; readonly label: string } & OfVersion)
  /** Marks a replaced version that nobody marked, which starts its overlap. */
  | ({ readonly kind: "retire" } & OfVersion)
  /** Gives up a pending version: it is marked, and AWSPENDING taken off it; a stuck one only if it still is. */
  | ({ readonly kind: "abandon"; readonly reason: string; readonly stuckAgeMs?: number } & OfVersion)
  /** Has `manage` make a current generation, or bring the current one to its declaration. */
  | { readonly kind: "ensure" | "update"; readonly secretId: string; readonly reason: string }
  /** The vendor does not list the current key as active: asks it with the key itself, and replaces a dead one. */
  | ({ readonly kind: "revive"; readonly connection: string; readonly keyId: string } & OfVersion)
  | Reclaim
  | Rotate
  | Distribute
  | Report;
