import { declarationOf } from "../contracts/declaration.ts";
import type { KeyFacts } from "../contracts/key-facts.ts";
import { serviceId } from "../contracts/key-name.ts";
import { CURRENT, marks } from "../contracts/labels.ts";
import { KeyturnError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { match } from "../reconciliation/matching.ts";
import type { Observation, ObservedKey } from "../reconciliation/observation.ts";
import { observeVendors } from "../reconciliation/observe.ts";
import { isReplica, type SecretFacts } from "../secrets.ts";
import { readStored, type Stored } from "../stored.ts";
import { keyFactsOf } from "./key-facts.ts";

/**
 * A secret as a managed key of this service. It need not be granted any more: a key that was taken out of the app is still
 * there to be seen and to be destroyed.
 * @throws KeyturnError NOT_MANAGED, BAD_INPUT for tags that cannot be read, NOT_GRANTED without its vendor connection
 */
export const managedKey = ({ grants }: Invocation, secret: SecretFacts): ObservedKey => {
  const declaration = declarationOf(secret.tags, secret.name);
  if (declaration.service !== grants.service || isReplica(secret))
    throw new KeyturnError(
      "NOT_MANAGED",
      `the secret ${secret.name} is no managed key of the service ${grants.service}`,
    );
  if (!(declaration.connection in grants.connections))
    throw new KeyturnError(
      "NOT_GRANTED",
      `the service ${grants.service} has no vendor connection ${declaration.connection} for ${secret.name}; remove its keys before the connection`,
    );
  return { secret, declaration, stored: new Map() };
};

/** All that can be told of; what cannot be read is logged and left out. */
export const allManagedKeys = async (invocation: Invocation): Promise<readonly ObservedKey[]> => {
  const secrets = await invocation.secrets.listOfService(invocation.grants.service);
  return secrets
    .filter((secret) => !isReplica(secret))
    .flatMap((secret) => {
      try {
        return [managedKey(invocation, secret)];
      } catch (error) {
        invocation.log.failure("request.refused", error, { secretName: secret.name });
        return [];
      }
    });
};

/** Versions whose keys are looked for, and of which the listing says too little: an adopted key has no name of ours. */
const untold = (observation: Observation, key: ObservedKey): readonly string[] => {
  if (key.secret.deletedAtMs !== undefined || !observation.vendors.has(key.declaration.connection)) return [];
  return Object.entries(key.secret.stages)
    .filter(([, labels]) => labels.includes(CURRENT) || marks("retiring", labels).length > 0)
    .map(([versionId]) => versionId)
    .filter((versionId) => match(observation, key, versionId).generation?.access === undefined);
};

const withStored = async (invocation: Invocation, observation: Observation): Promise<Observation> => {
  const keys: ObservedKey[] = [];
  for (const key of observation.keys) {
    const stored = new Map<string, Stored>();
    for (const versionId of untold(observation, key))
      stored.set(versionId, await readStored(invocation, key.secret, versionId));
    keys.push({ ...key, stored });
  }
  return { ...observation, keys };
};

/** Observes these keys with one listing for each of these vendor organizations. @throws what a vendor answered */
export const observeFor = async (
  invocation: Invocation,
  keys: readonly ObservedKey[],
  connections: ReadonlySet<string>,
): Promise<Observation> => {
  const { vendors, errors } = await observeVendors(invocation, connections);
  if (errors.length > 0) throw errors[0];
  const id = serviceId(invocation.grants.service, invocation.functionArn);
  return withStored(invocation, { nowMs: invocation.clock.now(), serviceId: id, keys, vendors });
};

/** The facts of these keys, with one listing for each vendor organization of theirs. */
export const factsOfKeys = async (
  invocation: Invocation,
  keys: readonly ObservedKey[],
): Promise<readonly KeyFacts[]> => {
  const connections = new Set(keys.map((key) => key.declaration.connection));
  const observation = await observeFor(invocation, keys, connections);
  return observation.keys.flatMap((key) => {
    const vendor = observation.vendors.get(key.declaration.connection);
    return vendor ? [keyFactsOf(observation, key, vendor)] : [];
  });
};
