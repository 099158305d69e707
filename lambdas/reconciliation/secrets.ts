import { declarationOf } from "../contracts/declaration.ts";
import { connectionFor } from "../contracts/grants.ts";
import { METRICS } from "../contracts/metrics.ts";
import type { Invocation } from "../invocation.ts";
import { isReplica, type SecretFacts } from "../secrets.ts";
import type { ObservedKey } from "./observation.ts";

interface ObservedSecrets {
  readonly keys: readonly ObservedKey[];
  /** Secrets whose tags ask for what is not granted, or cannot be read: they are reported and left alone. */
  readonly unserved: readonly SecretFacts[];
}

/** The managed keys of the service in this region. */
export const observeSecrets = async ({ secrets, grants, log }: Invocation): Promise<ObservedSecrets> => {
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
