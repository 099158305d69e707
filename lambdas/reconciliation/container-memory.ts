import type { Probe } from "../evidence/use.ts";
import type { StoredKey } from "../stored.ts";

const DAY_MS = 86_400_000;

/** Listings of a connection that were not whole, one after the other. */
export interface NotWhole {
  readonly sinceMs: number;
  readonly count: number;
}

/** What passes in one container know of earlier ones. One that knows nothing asks once more, and concludes later, never otherwise. */
export interface ContainerMemory {
  /** When this container first asked for the revocation of a version's key, by secret and version. */
  readonly asked: Map<string, number>;
  /**
   * Keys that versions hold, by secret and version, as far as they were read: a version's value never changes. A revocation
   * reads it afresh all the same. A container lives for hours, so that what is pruned meanwhile is not worth forgetting.
   */
  readonly stored: Map<string, StoredKey>;
  /** By connection: our last call that was to show whether its reporting of uses moves. */
  readonly probes: Map<string, Probe>;
  /** By connection and key: the latest use that a list has shown. */
  readonly uses: Map<string, number>;
  /** By connection. */
  readonly notWhole: Map<string, NotWhole>;
}

export const createMemory = (): ContainerMemory => ({
  asked: new Map(),
  stored: new Map(),
  probes: new Map(),
  uses: new Map(),
  notWhole: new Map(),
});

/** The name of a version in a container's memory. */
export const placeOf = (secretId: string, versionId: string): string => `${secretId} ${versionId}`;

/** Notes that a revocation is asked for; the first time counts. */
export const noteAsked = ({ asked }: ContainerMemory, place: string, nowMs: number): void =>
  void (asked.has(place) || asked.set(place, nowMs));

/** Forgets what is a day old, so that a container that lives for weeks does not collect it, and asks anew. */
export const forgetOld = ({ asked, probes }: ContainerMemory, nowMs: number): void => {
  for (const [place, atMs] of asked) if (nowMs - atMs >= DAY_MS) asked.delete(place);
  for (const [connection, { atMs }] of probes) if (nowMs - atMs >= DAY_MS) probes.delete(connection);
};
