import { durationText } from "../lambdas/contracts/duration.ts";
import { type ClusterFile, type ConnectionFile, type GrantsFile, grantsOf } from "../lambdas/contracts/grants.ts";
import { mintTimeout } from "./functions.ts";
import type { ServiceSettings } from "./service-settings.ts";

const byText = (a: unknown, b: unknown): number => {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : left > right ? 1 : 0;
};

/** A value with the keys of all its objects in order, so that its JSON says nothing about who wrote it when. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, child]) => [key, sorted(child)]));
};

const inOrder = <File extends { readonly serves: readonly unknown[] }>(files: Readonly<Record<string, File>>) =>
  Object.fromEntries(
    Object.entries(files).map(([name, file]) => [
      name,
      { ...file, serves: file.serves.toSorted(byText) as unknown as File["serves"] },
    ]),
  );

/**
 * The text of grants.json: everything that a service grants, in a fixed order.
 * @param connections the part of each vendor connection, by the connection's name
 * @param clusters the part of each cluster, by the cluster's name
 * @throws KeyturnError BAD_INPUT when the handlers could not read it
 */
export const grantsText = (
  settings: ServiceSettings,
  connections: Readonly<Record<string, ConnectionFile>>,
  clusters: Readonly<Record<string, ClusterFile>>,
): string => {
  const file: GrantsFile = {
    service: settings.name,
    mintTimeout: mintTimeout(),
    reconcileInterval: durationText(settings.reconcileIntervalMs),
    strayAge: durationText(settings.strayAgeMs),
    stuckAge: durationText(settings.stuckAgeMs),
    strays: settings.strays,
    maxStrayRevocations: settings.maxStrayRevocations,
    maxReplacements: settings.maxReplacements,
    connections: inOrder(connections),
    ...(Object.keys(clusters).length > 0 ? { clusters: inOrder(clusters) } : {}),
  };
  grantsOf(file);
  return `${JSON.stringify(sorted(file), null, 2)}\n`;
};
