import type { Invocation } from "../invocation.ts";
import { inParallel } from "../pool.ts";
import type { SecretFacts } from "../secrets.ts";
import { readStored, type Stored } from "../stored.ts";
import { type ContainerMemory, placeOf } from "./container-memory.ts";
import type { Observation, ObservedKey } from "./observation.ts";
import { versionsToRead } from "./reading.ts";

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
 */
export const withStored = async (
  invocation: Invocation,
  observation: Observation,
  secretIds: ReadonlySet<string>,
  memory: ContainerMemory,
  errors: unknown[],
): Promise<Observation> => {
  const keys = await inParallel(observation.keys, AT_ONCE, async (key): Promise<ObservedKey> => {
    if (!secretIds.has(key.secret.arn)) return key;
    const stored = new Map<string, Stored>(key.stored);
    for (const versionId of versionsToRead(observation, key, invocation.grants))
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
