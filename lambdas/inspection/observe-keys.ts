import { declarationOf } from "../contracts/declaration.ts";
import { servedDeclaration } from "../contracts/floors.ts";
import type { KeyFacts } from "../contracts/key-facts.ts";
import { serviceId } from "../contracts/key-name.ts";
import { CURRENT, isRetiring, isRevoking, marks, versionWith } from "../contracts/labels.ts";
import { KeyturnError } from "../errors.ts";
import { isMintedAt, judgeFor, type LookedUp, listedAs } from "../evidence/listing.ts";
import { controlBy, type Standing, standingOf } from "../evidence/refusal.ts";
import type { Invocation } from "../invocation.ts";
import { inParallel } from "../pool.ts";
import { match, type Observation, type ObservedKey, observeVendors } from "../reconciliation/index.ts";
import { isReplica, type SecretFacts } from "../secrets.ts";
import { readGeneration, readStored, type Stored } from "../stored.ts";
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
  return { secret, declaration: servedDeclaration(grants, declaration, secret.name), stored: new Map() };
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

/**
 * Versions whose keys are looked for, and of which the listing says too little: an adopted key has no name of ours, and a vendor may have words
 * of its own for what it was asked for.
 */
const untold = (observation: Observation, key: ObservedKey): readonly string[] => {
  if (key.secret.deletedAtMs !== undefined) return [];
  return Object.entries(key.secret.stages)
    .filter(([, labels]) => labels.includes(CURRENT) || isRetiring(labels) || isRevoking(labels))
    .filter(
      ([versionId, labels]) =>
        marks("listed-otherwise", labels).length > 0 ||
        match(observation, key, versionId).generation?.access === undefined,
    )
    .map(([versionId]) => versionId);
};

/** A fleet's values are not read one by one. */
const AT_ONCE = 10;

/** A value that cannot be read is told by its secret's name, and holds up no other. */
const withStored = async (invocation: Invocation, observation: Observation): Promise<Observation> => {
  const keys = await inParallel(observation.keys, AT_ONCE, async (key): Promise<ObservedKey> => {
    const stored = new Map<string, Stored>();
    for (const versionId of untold(observation, key))
      try {
        stored.set(versionId, await readStored(invocation, key.secret, versionId));
      } catch (error) {
        invocation.log.failure("value.not-read", error, { secretName: key.secret.name, versionId });
      }
    return { ...key, stored };
  });
  return { ...observation, keys };
};

/** What a plan sees: the observation, and by connection why there is no listing to see its keys by. */
export interface Seen {
  readonly observation: Observation;
  readonly notListed: ReadonlyMap<string, string>;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : "unknown");

/** The current keys that a listing does not show as active, with their values. */
const unlistedOf = (observation: Observation, connection: string) =>
  observation.keys.flatMap((key) => {
    const versionId = versionWith(key.secret.stages, CURRENT);
    const stored = versionId === undefined ? undefined : key.stored.get(versionId);
    if (versionId === undefined || typeof stored !== "object" || key.declaration.connection !== connection) return [];
    return match(observation, key, versionId).generation ? [] : [{ key, versionId, stored }];
  });

/** How many values are tried for one plan; the first that works says that the listing is not to be believed. */
const MOST = 20;

/**
 * Asks about current keys that a connection does not list as active, until one works: then the listing is not whole, and nobody else's
 * absence counts.
 * @returns why none of the connection's keys can be seen by it; `undefined`: they can
 */
const judge = async (
  invocation: Invocation,
  observation: Observation,
  name: string,
  standings: Map<string, Map<string, Standing>>,
): Promise<string | undefined> => {
  const vendor = observation.vendors.get(name);
  if (!vendor) return undefined;
  const session = invocation.vendors(vendor.connection);
  const control = controlBy(session);
  const missing: LookedUp[] = [];
  for (const { key, versionId, stored } of unlistedOf(observation, name).slice(0, MOST)) {
    const held = await readGeneration(invocation, key.secret, versionId);
    if (typeof held !== "object") continue;
    const listed = listedAs(vendor.listing.keys.find(({ id }) => id === stored.keyId));
    const standing = await standingOf(session, held.apiKey, control);
    standings.set(key.secret.arn, new Map([[versionId, standing]]));
    const { keyId, issuedAtMs } = stored;
    if (listed !== "absent" || standing !== "works" || !isMintedAt(stored, name, invocation.grants.connections))
      continue;
    missing.push({ keyId, issuedAtMs, listed, works: true });
    break;
  }
  if (missing.length === 0) return undefined;
  const shown: LookedUp[] = observation.keys.flatMap((key) => {
    const found = match(observation, key, versionWith(key.secret.stages, CURRENT) ?? "");
    return found.connection === name && found.generation
      ? [{ keyId: found.generation.id, listed: "active" as const }]
      : [];
  });
  const { kind } = await judgeFor(session, [...missing, ...shown]);
  return kind === "wrong organization"
    ? "its vendor lists none of the service's keys, although they work: the admin key is of another organization"
    : undefined;
};

/** Observes these keys with one listing for each of these vendor organizations. One that cannot be listed does not hold up the others. */
export const observeFor = async (
  invocation: Invocation,
  keys: readonly ObservedKey[],
  connections: ReadonlySet<string>,
): Promise<Seen> => {
  const { vendors, failed } = await observeVendors(invocation, connections);
  const id = serviceId(invocation.grants.service, invocation.functionArn);
  const nowMs = invocation.clock.now();
  const observation = await withStored(invocation, { nowMs, serviceId: id, keys, vendors });
  const notListed = new Map(
    [...failed].map(([name, error]) => [name, `its vendor could not be listed: ${reasonOf(error)}`]),
  );
  const standings = new Map<string, Map<string, Standing>>();
  for (const name of vendors.keys()) {
    const why = await judge(invocation, observation, name, standings);
    if (why !== undefined) notListed.set(name, why);
  }
  const asked = observation.keys.map((key): ObservedKey => {
    const found = standings.get(key.secret.arn);
    return found ? { ...key, standings: found } : key;
  });
  return { observation: { ...observation, keys: asked }, notListed };
};

/** The facts of these keys, with one listing for each vendor organization of theirs. */
export const factsOfKeys = async (
  invocation: Invocation,
  keys: readonly ObservedKey[],
): Promise<readonly KeyFacts[]> => {
  const connections = new Set(keys.map((key) => key.declaration.connection));
  const { observation, notListed } = await observeFor(invocation, keys, connections);
  return observation.keys.map((key) => {
    const { connection } = key.declaration;
    const vendor = observation.vendors.get(connection);
    const why = notListed.get(connection);
    const vendorName = invocation.grants.connections[connection]?.vendor ?? connection;
    const seen = vendor && why === undefined ? vendor : { vendorName, notListed: why ?? "its vendor was not listed" };
    return keyFactsOf(observation, key, seen);
  });
};
