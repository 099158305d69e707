import type { Moment } from "./history.ts";
import type { RotationAttempt } from "./rotation/rotation-attempt.ts";
import type { RotationRules } from "./rotation/rotation-rules.ts";

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

/** Staging label to version id: a label is on one version by construction. */
export type Labels = ReadonlyMap<string, string>;

export interface RotationSettings {
  readonly lambdaArn: string;
  readonly rules: RotationRules | undefined;
  readonly enabled: boolean;
  readonly nextMs: number | undefined;
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
}
