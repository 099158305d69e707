import { declarationOf } from "../contracts/declaration.ts";
import { connectionFor } from "../contracts/grants.ts";
import { serviceId } from "../contracts/key-name.ts";
import { METRICS } from "../contracts/metrics.ts";
import type { ReconcileRequest } from "../contracts/reconcile.ts";
import type { Invocation } from "../invocation.ts";
import type { SecretFacts } from "../secrets.ts";
import { readStored, type Stored } from "../stored.ts";
import { versionsToRead } from "./decide.ts";
import { connectionsDue } from "./due.ts";
import type { Observation, ObservedKey, ObservedVendor } from "./observation.ts";

const isOfThisRegion = ({ arn, primaryRegion }: SecretFacts): boolean =>
  primaryRegion === undefined || arn.split(":")[3] === primaryRegion;

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

/**
 * Looks at everything that a pass decides from. A vendor that cannot be listed is left out, and its error returned: it
 * must not hold up the others.
 */
export const observe = async (
  invocation: Invocation,
  request: ReconcileRequest,
): Promise<{ observation: Observation; errors: readonly unknown[] }> => {
  const { clock, grants, secrets, vendors: open, log, functionArn } = invocation;
  const nowMs = clock.now();
  const all = await secrets.listOfService(grants.service);
  const keys = all.filter(isOfThisRegion).flatMap((secret) => observedKey(invocation, secret));
  const due = connectionsDue(keys, Object.keys(grants.connections), request, nowMs, grants.reconcileInterval);
  const vendors = new Map<string, ObservedVendor>();
  const errors: unknown[] = [];
  for (const [name, connection] of Object.entries(grants.connections)) {
    if (!due.has(name)) continue;
    try {
      vendors.set(name, { connection, listing: await open(connection).list() });
    } catch (error) {
      log.failure("vendor.not-listed", error, { connection: name });
      errors.push(error);
    }
  }
  const observation = { nowMs, serviceId: serviceId(grants.service, functionArn), keys, vendors };
  return { observation: await withStored(invocation, observation), errors };
};
