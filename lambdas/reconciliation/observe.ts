import { declarationOf } from "../contracts/declaration.ts";
import { connectionFor } from "../contracts/grants.ts";
import { serviceId } from "../contracts/key-name.ts";
import { METRICS } from "../contracts/metrics.ts";
import type { ReconcileRequest } from "../contracts/reconcile.ts";
import type { Invocation } from "../invocation.ts";
import { isReplica, type SecretFacts } from "../secrets.ts";
import { readStored, type Stored } from "../stored.ts";
import { versionsToRead } from "./decide.ts";
import { connectionsDue } from "./due.ts";
import type { Observation, ObservedKey, ObservedVendor } from "./observation.ts";

/** A secret whose tags ask for what is not granted, or cannot be read, is reported and left alone. */
const observedKey = ({ grants, log }: Invocation, secret: SecretFacts): readonly ObservedKey[] => {
  try {
    const declaration = declarationOf(secret.tags, secret.name);
    connectionFor(grants, declaration, secret.name);
    return [{ secret, declaration, stored: new Map() }];
  } catch (error) {
    log.failure("request.refused", error, { secretName: secret.name });
    log.metric(METRICS.requestsRefused, 1);
    return [];
  }
};

/** Reads the values that the decision needs, and those alone. */
const withStored = async (invocation: Invocation, observation: Observation): Promise<Observation> => {
  const keys: ObservedKey[] = [];
  for (const key of observation.keys) {
    const stored = new Map<string, Stored>();
    for (const versionId of versionsToRead(observation, key, invocation.grants))
      stored.set(versionId, await readStored(invocation, key.secret, versionId));
    keys.push({ ...key, stored });
  }
  return { ...observation, keys };
};

/** The managed keys of the service in this region; what cannot be read, or is not granted, is reported and left out. */
export const observeKeys = async (invocation: Invocation): Promise<readonly ObservedKey[]> => {
  const all = await invocation.secrets.listOfService(invocation.grants.service);
  return all.filter((secret) => !isReplica(secret)).flatMap((secret) => observedKey(invocation, secret));
};

/**
 * Lists the vendors of some connections. One that cannot be listed is left out, and its error returned: it must not hold up
 * the others.
 */
export const observeVendors = async (
  { grants, vendors: open, log }: Invocation,
  names: ReadonlySet<string>,
): Promise<{ vendors: ReadonlyMap<string, ObservedVendor>; errors: readonly unknown[] }> => {
  const vendors = new Map<string, ObservedVendor>();
  const errors: unknown[] = [];
  for (const [name, connection] of Object.entries(grants.connections)) {
    if (!names.has(name)) continue;
    try {
      vendors.set(name, { connection, listing: await open(connection).list() });
    } catch (error) {
      log.failure("vendor.not-listed", error, { connection: name });
      errors.push(error);
    }
  }
  return { vendors, errors };
};

/** Looks at everything that a pass decides from, as far as it is due. */
export const observe = async (
  invocation: Invocation,
  request: ReconcileRequest,
): Promise<{ observation: Observation; errors: readonly unknown[] }> => {
  const { clock, grants, functionArn } = invocation;
  const nowMs = clock.now();
  const keys = await observeKeys(invocation);
  const due = connectionsDue(keys, Object.keys(grants.connections), request, nowMs, grants.reconcileInterval);
  const { vendors, errors } = await observeVendors(invocation, due);
  const observation = { nowMs, serviceId: serviceId(grants.service, functionArn), keys, vendors };
  return { observation: await withStored(invocation, observation), errors };
};
