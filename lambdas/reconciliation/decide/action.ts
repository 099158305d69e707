import type { Metric } from "../../contracts/metrics.ts";
import type { TrialStep } from "../../evidence/trial.ts";

/** Why a key may be revoked. Each is checked again on the secret as it is right before the revocation. */
export type Ground = "retired" | "abandoned" | "compromised" | "compromised-first" | "destroyed" | "stray";

export interface Revoke {
  readonly kind: "revoke";
  /** Where the key was found, which need not be the connection that is declared. */
  readonly connection: string;
  readonly keyId: string;
  readonly keyName: string;
  /** The beginning of its value, where its vendor shows it. */
  readonly prefix?: string | undefined;
  readonly ground: Ground;
  /** The secret to look at again, and the version of it; a stray has neither. */
  readonly secretId?: string;
  readonly versionId?: string;
  /** The version that was current when this was decided: with another one, what took its place has not been looked at. */
  readonly currentVersionId?: string | undefined;
  /** It is decided in this pass: until now its value was to be had at the targets. */
  readonly endsOverlap?: boolean;
  /** Its listing shows it as revoked, or its value does not work any more: it is not asked for, only confirmed. */
  readonly isGone?: boolean;
  /** What follows when it is confirmed: the rotation that a given-up one left to be made. */
  readonly followUp?: Rotate | undefined;
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

export interface Revive extends OfVersion {
  readonly kind: "revive";
  readonly connection: string;
  readonly keyId: string;
  readonly keyName: string;
  /** Its vendor lists it as revoked, and does not take it either; else its value alone is refused. */
  readonly isListedRevoked: boolean;
}

/** A step of the trial whether its vendor would show that somebody uses a replaced key. */
export interface Try extends OfVersion {
  readonly kind: "try";
  readonly connection: string;
  readonly keyId: string;
  readonly step: TrialStep;
  /** What follows where the key is refused, and so serves nobody. */
  readonly onRefused?: Revoke | undefined;
}

/** Calls with a current key, to see whether its vendor's reporting of uses moves. */
export interface Probe extends OfVersion {
  readonly kind: "probe";
  readonly connection: string;
  readonly keyId: string;
}

/** A version that was given up and holds nothing that can be read: no listing shows a key of its, which two whole ones have to. */
export interface Confirm extends OfVersion {
  readonly kind: "confirm";
  readonly connection: string;
  readonly labels: readonly string[];
  readonly followUp?: Rotate | undefined;
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
  /** The current key is dead: it is replaced at once. */
  | Revive
  | Probe
  | Try
  | Confirm
  | Reclaim
  | Rotate
  | Distribute
  | Report;
