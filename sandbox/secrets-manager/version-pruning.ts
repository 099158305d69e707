import type { Secret } from "./secret.ts";
import { limitExceeded } from "./service-error.ts";
import type { Surroundings } from "./surroundings.ts";

/** Deletes versions without label, oldest first, while there are too many; the young and the labelled always stay. */
export function pruneVersions({ clock, parameters }: Pick<Surroundings, "clock" | "parameters">, secret: Secret): void {
  const surplus = secret.versions.size - parameters.keptVersions;
  if (surplus <= 0) return;
  const labelled = new Set(secret.labels.values());
  const bornBeforeMs = clock.now() - parameters.pruneAgeMs;
  const prunable = [...secret.versions.values()].filter(
    ({ id, createdMs }) => !labelled.has(id) && createdMs < bornBeforeMs,
  );
  for (const { id } of prunable.sort((a, b) => a.createdMs - b.createdMs).slice(0, surplus)) secret.versions.delete(id);
}

/**
 * Makes sure that a secret may have one more version.
 * @throws LimitExceededException when pruning leaves as many as the quota allows
 */
export function requireRoomForVersion(
  model: Pick<Surroundings, "clock" | "parameters">,
  secret: Secret,
  id: string,
): void {
  const { versionQuota } = model.parameters;
  if (versionQuota === null || secret.versions.has(id)) return;
  pruneVersions(model, secret);
  if (secret.versions.size < versionQuota) return;
  throw limitExceeded(`A secret can have ${versionQuota} versions; versions of the last 24 hours are not removed.`);
}
