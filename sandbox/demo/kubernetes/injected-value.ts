import type { Redacted } from "../../../lambdas/redacted.ts";

/*
 * What a container's environment holds of a Secret. Written from Kubernetes' pages "Distribute Credentials Securely Using
 * Secrets" and "Container environment": a variable gets its value when the container starts, and keeps it; a container whose
 * Secret, or whose data key, is not there is not started before it is.
 */

/** A Secret as the cluster had it from one change to the next. */
export interface SecretRevision {
  readonly resourceVersion: string;
  /** The version in Secrets Manager whose value it holds, as its annotation says. */
  readonly versionId: string | undefined;
  /** The value of the data key; not there while the Secret, or the key in it, is not. */
  readonly value: Redacted | undefined;
}

/** What tells with which revision a pod's containers started. */
export interface PodStart {
  /** The pod's resourceVersion when it was first seen: it was made by then, and as a rule it had not started. */
  readonly firstSeen: string;
  /** The Secret's resourceVersion as the containers started, where the node tells it, as ours does. */
  readonly startedWith: string | undefined;
}

/** Resource versions are those of one store, and grow with each change in it. */
const isLater = (a: string, b: string): boolean => BigInt(a) > BigInt(b);

/**
 * The revision that the containers of a running pod were started with. Where the node does not tell, it is the oldest one that it
 * can be, so that no pod is credited with a newer value than it has: the one that was there when the pod was made, or the first
 * after it that had a value.
 * @param history every revision, in the order of the changes
 * @returns `undefined` when it was not seen yet
 */
export const injectedRevision = (
  history: readonly SecretRevision[],
  { firstSeen, startedWith }: PodStart,
): SecretRevision | undefined => {
  if (startedWith !== undefined)
    return history.find(({ resourceVersion, value }) => resourceVersion === startedWith && value !== undefined);
  const wasThere = history.findLastIndex(({ resourceVersion }) => !isLater(resourceVersion, firstSeen));
  return history.slice(Math.max(0, wasThere)).find(({ value }) => value !== undefined);
};
