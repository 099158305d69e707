import type { Model } from "./model.ts";
import { scheduleNext } from "./rotation/attempt-record.ts";
import { addVersion } from "./rotation/pending-version.ts";
import { scheduleOf } from "./schedules/schedule.ts";
import type { Labels, Secret, SecretValue } from "./secret.ts";
import { CURRENT, moveLabels, PENDING, requireWithinLimit, withoutLabel } from "./staging-labels.ts";
import { pruneVersions, requireRoomForVersion } from "./version-pruning.ts";

/** Whether two values are the same; a text and bytes never are. */
export function isSameValue(one: SecretValue, other: SecretValue): boolean {
  if ("string" in one) return "string" in other && one.string === other.string;
  return "binary" in other && Buffer.compare(one.binary, other.binary) === 0;
}

/** Today's midnight in UTC: AWS tells the date of an access, not its time. */
export const dayOf = (nowMs: number): number => Math.floor(nowMs / 86_400_000) * 86_400_000;

/**
 * Stores a value under a version id that has none, moves the labels to it, and lets a rotation know that it was overtaken.
 * @param stages labels for the version; AWSCURRENT by default
 * @throws LimitExceededException before anything has changed
 */
export function storeValue(
  model: Model,
  secret: Secret,
  put: { id: string; value: SecretValue; stages: readonly string[] },
): void {
  requireRoomForVersion(model, secret, put.id);
  const pendingId = secret.labels.get(PENDING);
  const takesPending =
    model.parameters.putTakesPendingAway && put.stages.includes(CURRENT) && !put.stages.includes(PENDING);
  const moved = moveLabels(secret.labels, put.stages, put.id);
  const labels = requireWithinLimit(takesPending ? withoutLabel(moved, PENDING) : moved);
  fillVersion(model, secret, put.id, put.value);
  applyLabels(model, secret, labels);
  if (takesPending && pendingId !== undefined && pendingId !== put.id) model.rotations.abandon(secret, pendingId);
  if (put.stages.includes(CURRENT)) countAsRotation(model, secret);
  pruneVersions(model, secret);
  model.rotations.reconsider(secret);
}

function fillVersion(model: Model, secret: Secret, id: string, value: SecretValue): void {
  const nowMs = model.clock.now();
  const announced = secret.versions.get(id);
  if (!announced) return void addVersion(secret, { id, value, nowMs });
  announced.value = value;
  announced.createdMs = nowMs;
  announced.kmsKeyId = secret.kmsKeyId;
}

function applyLabels(model: Model, secret: Secret, labels: Labels): void {
  model.store.setLabels(secret, labels);
  model.store.changed(secret);
}

/** RotationRules' page, of AutomaticallyAfterDays: a value put by hand "is considered a valid rotation" for the next date. */
function countAsRotation(model: Model, secret: Secret): void {
  const { rotation } = secret;
  if (!model.parameters.putCountsAsRotation || !rotation?.enabled || !rotation.rules) return;
  if (scheduleOf(rotation.rules)?.kind === "days") scheduleNext(model, secret);
}
