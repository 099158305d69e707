import type { StoredKey } from "../stored.ts";

/**
 * When this container asked for the revocation of a retired version, by secret and version. To see it confirmed is not worth
 * a listing of its own: the hourly one shows it. What is forgotten here is looked at a little earlier, and no more.
 */
export type AskedRevocations = Map<string, number>;

/** What passes in one container know of earlier ones. It only spares calls: a container that knows nothing decides the same. */
export interface ContainerMemory {
  readonly revocations: AskedRevocations;
  /**
   * Keys that versions hold, by secret and version, as far as they were read: a version's value never changes. A revocation
   * reads it afresh all the same. A container lives for hours, so that what is pruned meanwhile is not worth forgetting.
   */
  readonly stored: Map<string, StoredKey>;
}

export const createMemory = (): ContainerMemory => ({ revocations: new Map(), stored: new Map() });

/** The name of a version in a container's memory. */
export const placeOf = (secretId: string, versionId: string): string => `${secretId} ${versionId}`;
