import type { StoredKey } from "../stored.ts";
import type { AskedRevocations } from "./asked-revocations.ts";

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
