import type { Model } from "./model.ts";
import type { Secret } from "./secret.ts";

/** Deletes versions without label, oldest first, while there are too many; the young and the labelled always stay. */
export function pruneVersions({ clock, parameters }: Pick<Model, "clock" | "parameters">, secret: Secret): void {
  const surplus = secret.versions.size - parameters.keptVersions;
  if (surplus <= 0) return;
  const labelled = new Set(secret.labels.values());
  const bornBeforeMs = clock.now() - parameters.pruneAgeMs;
  const prunable = [...secret.versions.values()].filter(
    ({ id, createdMs }) => !labelled.has(id) && createdMs < bornBeforeMs,
  );
  for (const { id } of prunable.sort((a, b) => a.createdMs - b.createdMs).slice(0, surplus)) secret.versions.delete(id);
}
