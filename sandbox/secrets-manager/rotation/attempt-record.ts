import type { ModelParameters } from "../model-parameters.ts";
import { daysOf, scheduleOf, windowAfter } from "../schedules/schedule.ts";
import type { NextRotation, RotationSettings, Secret } from "../secret.ts";
import { dropPending, type Stores } from "./pending-version.ts";
import type { RotationAttempt, RunningAttempt } from "./rotation-attempt.ts";

/** When Secrets Manager has to do something for a secret by itself; Infinity: never, as things stand. */
export function dueMs({ deletion, rotation, attempt }: Secret): number {
  if (deletion || !rotation?.enabled || attempt?.state === "running") return Infinity;
  return attempt?.dueMs ?? rotation.next?.dueMs ?? Infinity;
}

/** Sets the dates of a rotation that has succeeded, and takes AWSPENDING off where AWS is said to do so. */
export function recordSuccess(model: Stores, secret: Secret, token: string): void {
  if (!secret.rotation) return;
  secret.rotation = { ...secret.rotation, lastMs: model.clock.now() };
  scheduleNext(model, secret);
  model.store.changed(secret);
  if (model.parameters.pendingAfterSuccess === "removed") dropPending(model, secret, token);
}

const SECOND_MS = 1000;

/** Foresees the next rotation in the window that follows from now; rules without a schedule foresee none. */
export function scheduleNext(model: Pick<Stores, "clock" | "parameters">, secret: Secret): void {
  if (secret.rotation) secret.rotation = { ...secret.rotation, next: nextRotation(model, secret.rotation) };
}

function nextRotation(
  { clock, parameters }: Pick<Stores, "clock" | "parameters">,
  { rules, configuredMs }: RotationSettings,
): NextRotation | undefined {
  const schedule = rules && scheduleOf(rules);
  if (!schedule) return undefined;
  const nowMs = clock.now();
  const window = windowAfter(schedule, nowMs, configuredMs);
  const lastMs = window.closesMs - SECOND_MS;
  const dueMs = window.opensMs + parameters.placeInWindow * (lastMs - window.opensMs);
  return { window, dueMs, days: daysOf(schedule, nowMs, window) };
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
