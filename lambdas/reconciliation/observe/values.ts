import type { Grants } from "../../contracts/grants.ts";
import { CURRENT, isCompromised, isDestroyed, isNote, isRevoking, marks, PENDING } from "../../contracts/labels.ts";
import type { Invocation } from "../../invocation.ts";
import { inParallel } from "../../pool.ts";
import type { SecretFacts } from "../../secrets.ts";
import { readStored, type Stored } from "../../stored.ts";
import { isPlainlyNamed, listedById, namedAs } from "./matching.ts";
import { type ContainerMemory, placeOf } from "./memory.ts";
import type { Observation, ObservedKey } from "./observation.ts";
import { placesOf } from "./whereabouts.ts";

/** A fleet's values are not read one by one. */
const AT_ONCE = 10;

/** A value that was read in this container is not read again: it never changes. That there is none may. */
const readOnce = async (
  invocation: Invocation,
  secret: SecretFacts,
  versionId: string,
  { stored }: ContainerMemory,
): Promise<Stored> => {
  const place = placeOf(secret.arn, versionId);
  const known = stored.get(place);
  if (known) return known;
  const read = await readStored(invocation, secret, versionId);
  if (typeof read === "object") stored.set(place, read);
  return read;
};

/**
 * Reads the values of some keys that their decision needs, and those alone. One that cannot be read does not hold up the others.
 * @param errors gets what could not be read
 * @param isAway whether their connection was to be listed, and could not be
 */
export const withStored = async (
  invocation: Invocation,
  observation: Observation,
  secretIds: ReadonlySet<string>,
  memory: ContainerMemory,
  errors: unknown[],
  isAway = false,
): Promise<Observation> => {
  const keys = await inParallel(observation.keys, AT_ONCE, async (key): Promise<ObservedKey> => {
    if (!secretIds.has(key.secret.arn)) return key;
    const stored = new Map<string, Stored>(key.stored);
    for (const versionId of versionsToRead(observation, key, invocation.grants, isAway))
      try {
        if (!stored.has(versionId)) stored.set(versionId, await readOnce(invocation, key.secret, versionId, memory));
      } catch (error) {
        invocation.log.failure("value.not-read", error, { secretName: key.secret.name, versionId });
        errors.push(error);
      }
    return { ...key, stored };
  });
  return { ...observation, keys };
};

interface Labelled {
  readonly versionId: string;
  readonly labels: readonly string[];
}

const isPastOverlap = (labels: readonly string[], { declaration }: ObservedKey, nowMs: number): boolean =>
  marks("retiring", labels).some(({ atMs }) => nowMs >= atMs + declaration.overlapMs);

/** Whether something may be decided that ends in a revocation. */
const mayBeRevoked = ({ labels }: Labelled, key: ObservedKey, nowMs: number): boolean => {
  if (isDestroyed(key.secret.stages) || isCompromised(labels)) return true;
  if (labels.includes(CURRENT)) return false;
  return marks("abandoned", labels).length > 0 || isRevoking(labels) || isPastOverlap(labels, key, nowMs);
};

const ageMs = (observation: Observation, createdAtMs: number | undefined): number =>
  createdAtMs === undefined ? 0 : observation.nowMs - createdAtMs;

/** Whether the listing alone does not tell which key a version holds, or what it may do. */
const isUnclear = (observation: Observation, key: ObservedKey, version: Labelled, grants: Grants): boolean => {
  const { versionId, labels } = version;
  const named = namedAs(observation, key, versionId);
  const onlyPending = labels.every((label) => label === PENDING || isNote(label));
  // A key of a version that is pending for so long may be one whose value was lost.
  if (onlyPending && named.some(({ createdAtMs }) => ageMs(observation, createdAtMs) >= grants.strayAge)) return true;
  if (onlyPending && named.length === 0) return false;
  if (!isPlainlyNamed(observation, key, versionId)) return true;
  const isWordingInDoubt = marks("listed-otherwise", labels).length > 0;
  return labels.includes(CURRENT) && (named[0]?.access === undefined || isWordingInDoubt);
};

/**
 * The versions whose value has to be read before a decision. Where a key may be revoked, those of the whole secret: its own
 * must say the same key id, and no other may hold it. Else only where the listing leaves a doubt.
 * @param isAway whether the declared connection was to be listed, and could not be: its keys may be at others
 */
export const versionsToRead = (
  observation: Observation,
  key: ObservedKey,
  grants: Grants,
  isAway = false,
): readonly string[] => {
  if (key.secret.deletedAtMs !== undefined) return [];
  const versions = Object.entries(key.secret.stages)
    .map(([versionId, labels]) => ({ versionId, labels }))
    .filter(({ labels }) => labels.length > 0);
  const isListed = isAway || observation.vendors.has(key.declaration.connection);
  if (!isListed && versions.every(({ versionId }) => namedAs(observation, key, versionId).length === 0)) return [];
  const wanted = versions.some((one) => mayBeRevoked(one, key, observation.nowMs))
    ? versions
    : versions.filter((one) => isUnclear(observation, key, one, grants));
  return wanted.map(({ versionId }) => versionId);
};

/**
 * The connections that have to be listed besides, before it can be said that a key is gone: a declaration may name another
 * connection than the one at which a generation was minted.
 */
export const connectionsMissing = (observation: Observation, grants: Grants): ReadonlySet<string> => {
  const stored = observation.keys.flatMap((key) => [...key.stored.values()]).filter((one) => typeof one === "object");
  const unseen = stored.filter((one) => !listedById(observation, one));
  const wanted = unseen.flatMap((one) => placesOf(grants, one));
  return new Set(wanted.filter((name) => !observation.vendors.has(name)));
};
