import type { VendorOperation } from "../recorder/operation.ts";
import type { WorkloadCounts } from "../workload/workload.ts";
import type { SeenGeneration, WatchedKey } from "./key-watch.ts";
import type { KeyChange } from "./scene.ts";

/** What `--json` prints. Times are ISO 8601 UTC, or null where the vendor or the run does not tell them. */
export interface Summary {
  readonly ok: boolean;
  readonly keys: readonly {
    readonly name: string;
    readonly vendor: string;
    readonly generations: readonly {
      readonly keyId: string;
      readonly mintedAt: string | null;
      readonly promotedAt: string | null;
      readonly lastUsedAt: string | null;
      readonly revokedAt: string | null;
    }[];
  }[];
  /** What became of keys that were declared otherwise, or changed at the vendor. */
  readonly changes: readonly KeyChange[];
  readonly workloads: readonly (WorkloadCounts & { readonly name: string })[];
  readonly vendorCalls: readonly {
    readonly vendor: string;
    readonly operation: VendorOperation;
    readonly count: number;
  }[];
  /** How many times an issued value was found in what the run wrote. */
  readonly leaks: number;
  /** True when a retirement waits for more than the run can. */
  readonly deferred: boolean;
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

const generationSummary = (generation: SeenGeneration) => ({
  keyId: generation.keyId,
  mintedAt: iso(generation.mintedAtMs),
  promotedAt: iso(generation.promotedAtMs),
  lastUsedAt: iso(generation.lastUsedAtMs),
  revokedAt: iso(generation.revokedAtMs),
});

export const keysSummary = (keys: readonly WatchedKey[]): Summary["keys"] =>
  keys.map(({ name, vendor, generations }) => ({ name, vendor, generations: generations.map(generationSummary) }));

/** Rows as columns that line up; the first row is the head. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

const clockTime = (isoTime: string | null): string => isoTime?.slice(11, 19) ?? "-";

const keyTable = ({ keys }: Summary): string =>
  table([
    ["key", "vendor", "key id", "minted", "promoted", "last used", "revoked"],
    ...keys.flatMap(({ name, vendor, generations }) =>
      generations.map((generation, index) => [
        index === 0 ? name : "",
        index === 0 ? vendor : "",
        generation.keyId,
        ...[generation.mintedAt, generation.promotedAt, generation.lastUsedAt, generation.revokedAt].map(clockTime),
      ]),
    ),
  ]);

/** The summary for people. Times of the day are UTC. */
export const summaryText = (summary: Summary): string =>
  [
    keyTable(summary),
    table([
      ["change of", "what", "how", "key id"],
      ...summary.changes.map(({ name, change, how, keyId }) => [name, change, how, keyId]),
    ]),
    table([
      ["workload of", "requests", "failures", "throttled"],
      ...summary.workloads.map(({ name, requests, failures, throttled }) => [
        name,
        `${requests}`,
        `${failures}`,
        `${throttled}`,
      ]),
    ]),
    table([
      ["vendor", "call", "count"],
      ...summary.vendorCalls.map(({ vendor, operation, count }) => [vendor, operation, `${count}`]),
    ]),
  ].join("\n\n");
