/** The steps of a rotation in the order in which Secrets Manager calls them. */
export const ROTATION_STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

export type RotationStep = (typeof ROTATION_STEPS)[number];

/** One try at a rotation (or at the test that RotateImmediately=false asks for), or the wait for the next. */
export interface RotationAttempt {
  readonly kind: "rotation" | "test";
  /** The version that the rotation makes; undefined: the next attempt takes a new one. */
  readonly token: string | undefined;
  /** 0 for the first try. */
  readonly number: number;
  readonly state: "running" | "waiting";
  /** When a waiting attempt starts; Infinity: never by itself. */
  readonly dueMs: number;
}

export type RunningAttempt = RotationAttempt & { readonly token: string };
