import {
  CURRENT,
  isArriving,
  isCompromised,
  isDestroyed,
  isOnlyAbandoned,
  isRetiring,
  isRevoking,
  marks,
} from "../../contracts/labels.ts";
import { namedAs } from "../observe/matching.ts";
import type { Observation, ObservedKey } from "../observe/observation.ts";

/*
 * Two versions may hold the same key: an adoption writes a value anew in our form, and a person may put an old value back.
 * Then one of them keeps the key and speaks for it.
 */

const latestMark = (labels: readonly string[]): number => marks("retiring", labels)[0]?.atMs ?? 0;

/**
 * How much a version has to say about its key: one that is current, or on its way to be, keeps it; then one that is
 * compromised; then one whose overlap has not begun, before one whose has.
 */
const rank = (labels: readonly string[]): number => {
  if (labels.includes(CURRENT)) return 5;
  if (isArriving(labels)) return 4;
  if (isCompromised(labels)) return 3;
  if (isOnlyAbandoned(labels)) return 0;
  return isRetiring(labels) || isRevoking(labels) ? 1 : 2;
};

/** True for a version whose key is to stay. */
export const isKeeper = ({ labels }: Labelled): boolean => rank(labels) >= 4;

export interface Labelled {
  readonly versionId: string;
  readonly labels: readonly string[];
}

/** True when `one` speaks for a key that both versions hold. */
export const outranks = (one: Labelled, other: Labelled): boolean => {
  const differences = [
    rank(one.labels) - rank(other.labels),
    latestMark(one.labels) - latestMark(other.labels),
    one.versionId < other.versionId ? 1 : -1,
  ];
  return (differences.find((difference) => difference !== 0) ?? 0) > 0;
};

/** The key that a version holds, by its value, or where that was not read by its name. */
const heldKeyId = (observation: Observation, key: ObservedKey, versionId: string): string | undefined => {
  const stored = key.stored.get(versionId) ?? "not read";
  if (typeof stored === "object") return stored.keyId;
  return stored === "not read" ? namedAs(observation, key, versionId)[0]?.id : undefined;
};

const labelled = ({ secret }: ObservedKey): readonly Labelled[] =>
  Object.entries(secret.stages)
    .filter(([, labels]) => labels.length > 0)
    .map(([versionId, labels]) => ({ versionId, labels }));

/** The versions of a secret that hold a key. */
export const holdersOf = (observation: Observation, key: ObservedKey, keyId: string): readonly Labelled[] =>
  labelled(key).filter(({ versionId }) => heldKeyId(observation, key, versionId) === keyId);

/** The other versions of the same secret that have more to say about a key which this version holds, too. */
export const speakersFor = (
  observation: Observation,
  key: ObservedKey,
  own: Labelled,
  keyId: string,
): readonly Labelled[] =>
  holdersOf(observation, key, keyId).filter((other) => other.versionId !== own.versionId && outranks(other, own));

/** By key id, the secrets of which a version that is not to be revoked is known to hold it. */
type Keepers = ReadonlyMap<string, readonly ObservedKey[]>;
const keepersOf = new WeakMap<Observation, Keepers>();

const gatherKeepers = (observation: Observation): Keepers => {
  const keepers = new Map<string, ObservedKey[]>();
  for (const key of observation.keys.filter(({ secret }) => !isDestroyed(secret.stages)))
    for (const { versionId, labels } of labelled(key)) {
      const keyId = isKeeper({ versionId, labels }) ? heldKeyId(observation, key, versionId) : undefined;
      if (keyId !== undefined) keepers.set(keyId, [...(keepers.get(keyId) ?? []), key]);
    }
  return keepers;
};

/** Another secret of the service that holds the same key as its current or pending one: two may have adopted it. */
export const otherKeeper = (observation: Observation, key: ObservedKey, keyId: string): ObservedKey | undefined => {
  const keepers = keepersOf.get(observation) ?? gatherKeepers(observation);
  keepersOf.set(observation, keepers);
  return keepers.get(keyId)?.find((other) => other.secret.arn !== key.secret.arn);
};
