import type { Clock } from "../clock.ts";
import type { TargetCode } from "../contracts/distribute.ts";
import type { TargetDeclaration } from "../contracts/targets.ts";
import type { Redacted } from "../redacted.ts";
import type { KubernetesApi } from "./kubernetes/client.ts";
import type { Owner } from "./kubernetes/ownership.ts";

/** One version of a managed key's secret, with its value. */
export interface Generation {
  readonly versionId: string;
  readonly apiKey: Redacted;
}

/** What a target is to hold. */
export interface Versions {
  readonly current: Generation;
  /** The replaced generation, while its overlap lasts. */
  readonly retiring?: Generation;
}

/** How a target stands, as it shows itself. */
export interface TargetState {
  readonly adopted: boolean;
  /** Why not; of a target that has adopted, what somebody has to see to. */
  readonly code?: TargetCode;
  readonly reason?: string;
  /** An `apply` would change something. */
  readonly behind?: boolean;
  /** What somebody should know of a target that is well. */
  readonly note?: string;
  /** Before this it cannot have adopted. */
  readonly sinceMs?: number;
}

/** What a target has to work with: one secret's version on its way into one place. */
export interface TargetContext {
  readonly clock: Clock;
  /** The cluster that the target lies in. */
  readonly api: KubernetesApi;
  readonly owner: Owner;
  /** The name of the secret in Secrets Manager. */
  readonly secretName: string;
  /** What is to be there, as it was when the invocation began. */
  readonly versions: Versions;
  /**
   * What is to be there as of now, by a fresh description. To be called after the target was read and before it is written.
   * @param liveVersionId the version that the target has
   * @throws TargetError SUPERSEDED when the version must not be written over that one
   */
  readonly confirm: (liveVersionId: string | undefined) => Promise<Versions>;
  /** How long this target may still take, in milliseconds. */
  readonly remainingMs: () => number;
}

/** One kind of place that gets values. Every method may be repeated, and run twice at once. */
export interface Target<Declaration extends TargetDeclaration = TargetDeclaration> {
  /** Does what is missing, and says how the target then stands. @throws TargetError */
  apply(context: TargetContext, target: Declaration): Promise<TargetState>;
  /** Says how the target stands. Changes nothing. @throws TargetError */
  observe(context: TargetContext, target: Declaration): Promise<TargetState>;
}
