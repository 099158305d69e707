import type { Probe } from "../../evidence/use.ts";
import type { StoredKey } from "../../stored.ts";

const DAY_MS = 86_400_000;

/** What was left of a budget, and when. */
export interface Purse {
  readonly left: number;
  readonly atMs: number;
}

/** Listings of a connection that were not whole, one after the other. */
export interface NotWhole {
  readonly sinceMs: number;
  readonly count: number;
}

/** What passes in one container know of earlier ones. One that knows nothing asks once more, and concludes later, never otherwise. */
export interface ContainerMemory {
  /** When this container first asked for the revocation of a version's key, by secret and version; or last for a first generation. */
  readonly asked: Map<string, number>;
  /**
   * Keys that versions hold, by secret and version, as far as they were read: a version's value never changes. A revocation
   * reads it afresh all the same. A container lives for hours, so that what is pruned meanwhile is not worth forgetting.
   */
  readonly stored: Map<string, StoredKey>;
  /** Secrets without a rotation here, and their current version, whose value showed that they are no copy of another region's. */
  readonly atHome: Set<string>;
  /** By connection: our last call that was to show whether its reporting of uses moves. */
  readonly probes: Map<string, Probe>;
  /** By connection and key: the latest use that a list has shown. */
  readonly uses: Map<string, number>;
  /** By connection. */
  readonly notWhole: Map<string, NotWhole>;
  /** By connection: what is left of its budget. */
  readonly purses: Map<string, Purse>;
  /** By connection: when its own lane listed it last, in milliseconds since the epoch; what another lane lists for a key of its is not looked through. */
  readonly listedAt: Map<string, number>;
  /** When this container last asked for the revocation of a version's key, by secret and version. */
  readonly askedLast: Map<string, number>;
  /** By connection: until when its vendor asked to be left alone, in milliseconds since the epoch. */
  readonly pausedUntil: Map<string, number>;
}

export const createMemory = (): ContainerMemory => ({
  asked: new Map(),
  stored: new Map(),
  atHome: new Set(),
  probes: new Map(),
  uses: new Map(),
  notWhole: new Map(),
  purses: new Map(),
  listedAt: new Map(),
  askedLast: new Map(),
  pausedUntil: new Map(),
});

/** The name of a version in a container's memory. */
export const placeOf = (secretId: string, versionId: string): string => `${secretId} ${versionId}`;

/** The name of a first generation that is missing, in a container's memory. */
export const firstGenerationOf = (secretId: string): string => placeOf(secretId, "first generation");

/** From when the tries of a decision are counted: from the decision, or the first try of this container, if that is later. */
export const countedFromMs = (asked: ReadonlyMap<string, number> | undefined, place: string, sinceMs: number): number =>
  Math.max(sinceMs, asked?.get(place) ?? sinceMs);

/** Notes that a revocation is asked for. */
export const noteAsked = ({ asked, askedLast }: ContainerMemory, place: string, nowMs: number): void => {
  if (!asked.has(place)) asked.set(place, nowMs);
  askedLast.set(place, nowMs);
};

/**
 * Forgets what is a day old, so that a container that lives for weeks does not collect it, and asks anew.
 * @param intervalMs between two passes: what one notes is there for the next
 */
export const forgetOld = ({ asked, askedLast, probes }: ContainerMemory, nowMs: number, intervalMs: number): void => {
  const isOld = (atMs: number, ageMs: number): boolean => nowMs - atMs >= Math.max(ageMs, 2 * intervalMs);
  for (const [place, atMs] of asked) if (nowMs - atMs >= DAY_MS) asked.delete(place);
  for (const [place, atMs] of askedLast) if (nowMs - atMs >= DAY_MS) askedLast.delete(place);
  for (const [connection, { atMs }] of probes) if (isOld(atMs, DAY_MS)) probes.delete(connection);
};
