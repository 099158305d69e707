import type { Model } from "../model.ts";
import type { ModelParameters } from "../model-parameters.ts";
import type { Secret } from "../secret.ts";
import { dropPending } from "./pending-version.ts";
import type { RotationAttempt, RunningAttempt } from "./rotation-attempt.ts";
import { periodMs } from "./rotation-rules.ts";

type Stores = Pick<Model, "store" | "clock" | "parameters">;

/** When Secrets Manager has to do something for a secret by itself; Infinity: never, as things stand. */
export function dueMs({ deletion, rotation, attempt }: Secret): number {
  if (deletion || !rotation?.enabled || attempt?.state === "running") return Infinity;
  return attempt?.dueMs ?? rotation.nextMs ?? Infinity;
}

/** Sets the dates of a rotation that has succeeded, and takes AWSPENDING off where AWS is said to do so. */
export function recordSuccess(model: Stores, secret: Secret, token: string): void {
  if (!secret.rotation) return;
  secret.rotation = { ...secret.rotation, lastMs: model.clock.now() };
  scheduleNext(model, secret);
  model.store.changed(secret);
  if (model.parameters.pendingAfterSuccess === "removed") dropPending(model, secret, token);
}

/** Sets NextRotationDate to one period from now; a schedule without period has none. */
export function scheduleNext(model: Stores, secret: Secret): void {
  if (!secret.rotation) return;
  const lengthMs = periodMs(secret.rotation.rules);
  const nextMs = lengthMs === undefined ? undefined : model.clock.now() + lengthMs;
  secret.rotation = { ...secret.rotation, nextMs };
}

/**
 * Plans what follows a failed rotation.
 * @param mayRetry false where a retry with the same version makes no sense: only the later reattempt is left
 */
export function recordFailure(model: Stores, secret: Secret, failed: RunningAttempt, mayRetry: boolean): void {
  secret.attempt = nextAttempt(model.parameters, failed, mayRetry, model.clock.now());
  const wasLast = mayRetry && failed.number >= model.parameters.retryDelaysMs.length;
  if (wasLast && model.parameters.pendingAfterLastFailure === "removed") dropPending(model, secret, failed.token);
}

function nextAttempt(
  parameters: ModelParameters,
  failed: RunningAttempt,
  mayRetry: boolean,
  nowMs: number,
): RotationAttempt {
  const retryDelayMs = mayRetry ? parameters.retryDelaysMs[failed.number] : undefined;
  const waitMs = retryDelayMs ?? parameters.reattemptEveryMs ?? Infinity;
  const pendingStays = retryDelayMs !== undefined || parameters.pendingAfterLastFailure === "stays";
  const sameToken = mayRetry && pendingStays && parameters.retryToken === "same";
  return {
    kind: "rotation",
    token: sameToken ? failed.token : undefined,
    number: failed.number + 1,
    state: "waiting",
    dueMs: nowMs + waitMs,
  };
}
