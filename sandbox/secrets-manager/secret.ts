import type { Moment } from "./history.ts";
import type { RotationAttempt } from "./rotation/rotation-attempt.ts";
import type { RotationRules, RotationWindow } from "./schedules/schedule.ts";

export type SecretValue = { readonly string: string } | { readonly binary: Uint8Array };

export interface SecretVersion {
  readonly id: string;
  /** Place in the order of creation, within the secret. */
  readonly sequence: number;
  createdMs: number;
  /** Undefined while a rotation has announced the version and nobody has put its value. Never changes once it is set. */
  value: SecretValue | undefined;
  kmsKeyId: string | undefined;
  /** Midnight UTC of the day of the last GetSecretValue. */
  lastAccessedDayMs: number | undefined;
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** A replica as its primary secret knows it. */
export interface Replica {
  readonly region: string;
  readonly kmsKeyId: string;
  readonly addedMs: number;
}

/** Staging label to version id: a label is on one version by construction. */
export type Labels = ReadonlyMap<string, string>;

/** The rotation that the schedule foresees. */
export interface NextRotation {
  readonly window: RotationWindow;
  /** When this model rotates, within the window. */
  readonly dueMs: number;
  /** `AutomaticallyAfterDays` as AWS calculates it from the schedule. */
  readonly days: number;
}

export interface RotationSettings {
  readonly lambdaArn: string;
  readonly rules: RotationRules | undefined;
  /** When the rules were given. */
  readonly configuredMs: number;
  readonly enabled: boolean;
  readonly next: NextRotation | undefined;
  readonly lastMs: number | undefined;
}

/** What Secrets Manager knows of one secret. Everything but `versions` is replaced, never changed in place. */
export interface Secret {
  readonly arn: string;
  readonly name: string;
  /** Place in the order of creation, within the account. */
  readonly sequence: number;
  readonly createdMs: number;
  readonly versions: Map<string, SecretVersion>;
  labels: Labels;
  labelHistory: readonly Moment<Labels>[];
  description: string | undefined;
  kmsKeyId: string | undefined;
  /** Undefined until a tag was given; AWS leaves an empty list behind when the last one is taken off. */
  tags: readonly Tag[] | undefined;
  lastChangedMs: number;
  lastAccessedDayMs: number | undefined;
  deletion: { readonly requestedMs: number; readonly endMs: number } | undefined;
  rotation: RotationSettings | undefined;
  /** The rotation or test that runs or waits for its retry. */
  attempt: RotationAttempt | undefined;
  /** The resource policy, as it was given. */
  policy: string | undefined;
  replicas: readonly Replica[];
}
