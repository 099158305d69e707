import type { KeyFacts } from "./simulator.ts";

/** What may change in a key's life. */
export interface KeyDetails {
  readonly name: string;
  readonly access: string;
  /** By the vendor's clock; null: never. */
  readonly expiresAtMs: number | null;
}

/** One key with its whole history, so that it can be shown as it was at any time. Times are the injected clock's unless said otherwise. */
export interface KeyRecord {
  readonly id: string;
  readonly value: string;
  readonly organizationId: string;
  readonly createdAtMs: number;
  /** By the vendor's clock. */
  readonly shownCreatedAtMs: number;
  readonly worksFromMs: number;
  /** Oldest first, never empty. */
  readonly details: (KeyDetails & { readonly sinceMs: number })[];
  revokedAtMs: number | null;
  /** When the revocation takes effect. */
  refusedFromMs: number | null;
  deletedAtMs: number | null;
  /** Whether it is used all the time. */
  inUse: boolean;
  /** The latest call that counted as use. */
  lastUsedAtMs: number | null;
  /** The uses that lists show, each once it is reported, oldest first. */
  usedAtMs: number[];
  requests: number;
  denied: number;
}

/** What a vendor's API may tell of a key. Times are the vendor's. */
export interface KeySnapshot extends KeyDetails {
  readonly id: string;
  readonly value: string;
  readonly organizationId: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
  readonly revoked: boolean;
  /** Neither revoked nor expired. */
  readonly active: boolean;
}

export interface Reporting {
  readonly usageDelayMs: number;
  /** A use shows only where it is this much after the last one that does. */
  readonly usageResolutionMs: number;
  /** No use after this moment shows. */
  readonly usageStopsAtMs: number;
  readonly clockSkewMs: number;
}

/** Lists may be asked for as they were; older uses than this are forgotten, but for the latest of them. */
const USE_HISTORY_MS = 24 * 3_600_000;

const reached = (timeMs: number | null, nowMs: number): boolean => timeMs !== null && timeMs <= nowMs;

export const detailsAt = (key: KeyRecord, atMs: number): KeyDetails => {
  const found = key.details.findLast((details) => details.sinceMs <= atMs) ?? key.details[0];
  if (!found) throw new Error(`Key ${key.id} has no details: a key is made with some.`);
  return found;
};

export const currentDetails = (key: KeyRecord): KeyDetails => detailsAt(key, Number.POSITIVE_INFINITY);

const expired = (key: KeyRecord, atMs: number, clockSkewMs: number): boolean =>
  reached(detailsAt(key, atMs).expiresAtMs, atMs + clockSkewMs);

/** Whether the vendor accepts the key's value at `nowMs`. */
export const accepts = (key: KeyRecord, nowMs: number, clockSkewMs: number): boolean =>
  nowMs >= key.worksFromMs && !reached(key.refusedFromMs, nowMs) && !expired(key, nowMs, clockSkewMs);

/** The key as a list shows it at `atMs`; undefined when it does not exist then. */
export const snapshotAt = (key: KeyRecord, atMs: number, reporting: Reporting): KeySnapshot | undefined => {
  if (key.createdAtMs > atMs || reached(key.deletedAtMs, atMs)) return undefined;
  const { name, access, expiresAtMs } = detailsAt(key, atMs);
  const revoked = reached(key.revokedAtMs, atMs);
  const reportedUntilMs = Math.min(atMs - reporting.usageDelayMs, reporting.usageStopsAtMs);
  const lastUsedAtMs = key.inUse ? reportedUntilMs : key.usedAtMs.findLast((usedAtMs) => usedAtMs <= reportedUntilMs);
  return {
    id: key.id,
    value: key.value,
    organizationId: key.organizationId,
    name,
    access,
    expiresAtMs,
    createdAtMs: key.shownCreatedAtMs,
    lastUsedAtMs: lastUsedAtMs === undefined ? null : lastUsedAtMs + reporting.clockSkewMs,
    revoked,
    active: !revoked && !expired(key, atMs, reporting.clockSkewMs),
  };
};

/** Notes a use at `nowMs`, and forgets the uses that no list can show any more. */
export const noteUse = (key: KeyRecord, nowMs: number, reporting: Omit<Reporting, "clockSkewMs">): void => {
  const { usageDelayMs, usageResolutionMs, usageStopsAtMs } = reporting;
  key.lastUsedAtMs = nowMs;
  if (nowMs < (key.usedAtMs.at(-1) ?? Number.NEGATIVE_INFINITY) + usageResolutionMs) return;
  key.usedAtMs.push(nowMs);
  const keptFromMs = Math.min(nowMs - usageDelayMs, usageStopsAtMs) - USE_HISTORY_MS;
  if ((key.usedAtMs[0] ?? nowMs) > keptFromMs - USE_HISTORY_MS) return;
  const latestForgettable = key.usedAtMs.findLastIndex((usedAtMs) => usedAtMs < keptFromMs);
  if (latestForgettable > 0) key.usedAtMs.splice(0, latestForgettable);
};

const iso = (timeMs: number | null): string | null => (timeMs === null ? null : new Date(timeMs).toISOString());

export const factsOf = (key: KeyRecord, nowMs: number, clockSkewMs: number): KeyFacts => {
  const { name, access } = detailsAt(key, nowMs);
  return {
    id: key.id,
    name,
    access,
    organizationId: key.organizationId,
    active: key.revokedAtMs === null && !expired(key, nowMs, clockSkewMs),
    createdAt: new Date(key.createdAtMs).toISOString(),
    lastUsedAt: iso(key.lastUsedAtMs),
    revokedAt: iso(key.revokedAtMs),
    deletedAt: iso(key.deletedAtMs),
    requests: key.requests,
    denied: key.denied,
  };
};
