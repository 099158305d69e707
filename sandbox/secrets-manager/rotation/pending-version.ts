import type { Labels, Secret, SecretValue, SecretVersion } from "../secret.ts";
import type { SecretStore } from "../secret-store.ts";
import { CURRENT, moveLabel, PENDING, requireWithinLimit, withoutLabel } from "../staging-labels.ts";
import type { Surroundings } from "../surroundings.ts";
import { requireRoomForVersion } from "../version-pruning.ts";

/** Adds a version to a secret. The labels are the caller's matter. */
export function addVersion(
  secret: Secret,
  version: { id: string; value: SecretValue | undefined; nowMs: number },
): SecretVersion {
  const last = [...secret.versions.values()].at(-1);
  const added: SecretVersion = {
    id: version.id,
    sequence: last === undefined ? 0 : last.sequence + 1,
    createdMs: version.nowMs,
    value: version.value,
    kmsKeyId: secret.kmsKeyId,
    lastAccessedDayMs: undefined,
  };
  secret.versions.set(added.id, added);
  return added;
}

/** What the versions and dates of a secret are changed with. */
export interface Stores extends Pick<Surroundings, "clock" | "parameters"> {
  readonly store: SecretStore;
}

/**
 * Announces the version of a rotation: AWSPENDING, and no value unless it has one already.
 * @throws LimitExceededException when AWSPENDING would be one label, or the version one version too many
 */
export function announceVersion(model: Stores, secret: Secret, token: string, value?: SecretValue): void {
  requireRoomForVersion(model, secret, token);
  const labels = requireWithinLimit(moveLabel(secret.labels, PENDING, token));
  if (!secret.versions.has(token)) addVersion(secret, { id: token, value, nowMs: model.clock.now() });
  model.store.setLabels(secret, labels);
  model.store.changed(secret);
}

/**
 * Prepares what testSecret is to find when a rotation is configured without rotating.
 * @returns the version id that the step is to name
 */
export function announceTest(model: Stores, secret: Secret, token: string): string {
  const currentId = secret.labels.get(CURRENT);
  const current = currentId === undefined ? undefined : secret.versions.get(currentId);
  const { configureTest } = model.parameters;
  if (configureTest === "no version") return token;
  if (configureTest === "label on the current version" && current) {
    announceVersion(model, secret, current.id);
    return current.id;
  }
  announceVersion(model, secret, token, configureTest === "copy of the current value" ? current?.value : undefined);
  return token;
}

/** Takes AWSPENDING off `versionId`, if it has it. */
export function dropPending(model: Stores, secret: Secret, versionId: string | undefined): void {
  if (versionId === undefined || secret.labels.get(PENDING) !== versionId) return;
  model.store.setLabels(secret, withoutLabel(secret.labels, PENDING));
  model.store.changed(secret);
}

/** Takes back what `announceTest` did: the label, and the version that was made for the test. */
export function retractTest(model: Stores, secret: Secret, token: string): void {
  dropPending(model, secret, token);
  const isLabelled = [...secret.labels.values()].includes(token);
  if (!isLabelled) secret.versions.delete(token);
}

/** Whether a version still belongs to a rotation: it is pending, or the rotation has made it current. */
export const isStaged = (labels: Labels, versionId: string): boolean =>
  labels.get(PENDING) === versionId || labels.get(CURRENT) === versionId;
