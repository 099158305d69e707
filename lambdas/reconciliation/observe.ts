import { declarationOf } from "../contracts/declaration.ts";
import { connectionFor } from "../contracts/grants.ts";
import { serviceId } from "../contracts/key-name.ts";
import { METRICS } from "../contracts/metrics.ts";
import type { ReconcileRequest } from "../contracts/reconcile.ts";
import type { Invocation } from "../invocation.ts";
import { inParallel } from "../pool.ts";
import { isReplica, type SecretFacts } from "../secrets.ts";
import { readStored, type Stored } from "../stored.ts";
import type { VendorKey } from "../vendors/vendor.ts";
import { type ContainerMemory, placeOf } from "./container-memory.ts";
import { connectionsDue } from "./due.ts";
import type { Observation, ObservedKey, ObservedVendor } from "./observation.ts";
import { withTargets } from "./observe-targets.ts";
import { withPendingTimes } from "./pending-times.ts";
import { connectionsMissing, versionsToRead } from "./reading.ts";
import { withStandings } from "./standings.ts";

interface ObservedSecrets {
  readonly keys: readonly ObservedKey[];
  /** Secrets whose tags ask for what is not granted, or cannot be read: they are reported and left alone. */
  readonly unserved: readonly SecretFacts[];
}

/** The managed keys of the service in this region. */
const observeSecrets = async ({ secrets, grants, log }: Invocation): Promise<ObservedSecrets> => {
  const keys: ObservedKey[] = [];
  const unserved: SecretFacts[] = [];
  for (const secret of (await secrets.listOfService(grants.service)).filter((one) => !isReplica(one))) {
    try {
      const declaration = declarationOf(secret.tags, secret.name);
      connectionFor(grants, declaration, secret.name);
      keys.push({ secret, declaration, stored: new Map() });
    } catch (error) {
      log.failure("request.refused", error, { secretName: secret.name });
      unserved.push(secret);
    }
  }
  if (unserved.length > 0) log.metric(METRICS.requestsRefused, unserved.length);
  return { keys, unserved };
};

/** A fleet's values are not read one by one. */
const AT_ONCE = 10;

/** A listing that was not whole is looked at again in the next pass, so often until somebody is told. */
const SOON = 3;

interface Seen {
  readonly observation: Observation;
  readonly errors: readonly unknown[];
}

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

/** Reads the values that the decision needs, and those alone. One that cannot be read does not hold up the others. */
const withStored = async (invocation: Invocation, observation: Observation, memory: ContainerMemory): Promise<Seen> => {
  const errors: unknown[] = [];
  const keys = await inParallel(observation.keys, AT_ONCE, async (key) => {
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
  return { observation: { ...observation, keys }, errors };
};

/**
 * Lists the vendors of some connections. One that cannot be listed is left out, and its error returned by its name: it must not
 * hold up the others.
 */
export const observeVendors = async (
  { grants, vendors: open, log }: Invocation,
  names: ReadonlySet<string>,
): Promise<{ vendors: ReadonlyMap<string, ObservedVendor>; failed: ReadonlyMap<string, unknown> }> => {
  const vendors = new Map<string, ObservedVendor>();
  const failed = new Map<string, unknown>();
  for (const [name, connection] of Object.entries(grants.connections)) {
    if (!names.has(name)) continue;
    try {
      vendors.set(name, { connection, listing: await open(connection).list() });
    } catch (error) {
      log.failure("vendor.not-listed", error, { connection: name });
      failed.set(name, error);
    }
  }
  return { vendors, failed };
};

/**
 * What a list says of a key's use, with what earlier ones said: a use that was shown does not go away. A list that says "never", or
 * nothing, of a key of which another one told a use, is not understood.
 */
const usedAsTold = (key: VendorKey, place: string, { uses }: ContainerMemory): VendorKey => {
  const known = uses.get(place);
  const { lastUse } = key;
  if (typeof lastUse === "number") uses.set(place, Math.max(lastUse, known ?? lastUse));
  if (known === undefined) return key;
  if (typeof lastUse === "number") return lastUse < known ? { ...key, lastUse: known } : key;
  return { ...key, lastUse: "not understood" };
};

/** Lists vendors as `observeVendors` does, and keeps in mind what they tell of use. */
const observeWithMemory = async (
  invocation: Invocation,
  names: ReadonlySet<string>,
  memory: ContainerMemory,
): ReturnType<typeof observeVendors> => {
  const { vendors, failed } = await observeVendors(invocation, names);
  const remembered = [...vendors].map(([name, vendor]): [string, ObservedVendor] => {
    const keys = vendor.listing.keys.map((key) => usedAsTold(key, placeOf(name, key.id), memory));
    return [name, { ...vendor, listing: { ...vendor.listing, keys } }];
  });
  return { vendors: new Map(remembered), failed };
};

/** Lists besides what has to be known before a key that the due vendors do not list can be called gone. */
const withMissingVendors = async (
  invocation: Invocation,
  { observation, errors }: Seen,
  listed: ReadonlySet<string>,
  memory: ContainerMemory,
): Promise<Seen> => {
  const missing = [...connectionsMissing(observation, invocation.grants)].filter((name) => !listed.has(name));
  if (missing.length === 0) return { observation, errors };
  const more = await observeWithMemory(invocation, new Set(missing), memory);
  const vendors = new Map([...observation.vendors, ...more.vendors]);
  const seen = await withStored(invocation, { ...observation, vendors }, memory);
  return { observation: seen.observation, errors: [...errors, ...more.failed.values(), ...seen.errors] };
};

/** Looks at everything that a pass decides from, as far as it is due. */
export const observe = async (
  invocation: Invocation,
  request: ReconcileRequest,
  memory: ContainerMemory,
): Promise<Seen> => {
  const { clock, grants, functionArn } = invocation;
  const nowMs = clock.now();
  const { keys: listed, unserved } = await observeSecrets(invocation);
  const { keys, errors: ofTimes } = await withPendingTimes(invocation, listed, nowMs);
  const due = connectionsDue(keys, Object.keys(grants.connections), request, nowMs, grants.reconcileInterval);
  const again = [...memory.notWhole].filter(([, { count }]) => count < SOON).map(([name]) => name);
  const { vendors, failed } = await observeWithMemory(invocation, new Set([...due, ...again]), memory);
  const id = serviceId(grants.service, functionArn);
  const { asked } = memory;
  const first = await withStored(invocation, { nowMs, serviceId: id, keys, unserved, vendors, asked }, memory);
  const second = await withMissingVendors(invocation, first, due, memory);
  const checked = await withStandings(invocation, second.observation, request, memory);
  const { observation, errors: ofTargets } = await withTargets(invocation, checked.observation, request);
  return { observation, errors: [...ofTimes, ...failed.values(), ...second.errors, ...checked.errors, ...ofTargets] };
};
