import type { Clock } from "../lambdas/clock.ts";
import type { Client } from "./client.ts";
import { type Configuration, configurationOf, PROVIDER_SCHEMA, validateConfiguration } from "./configuration.ts";
import { createKeyReader } from "./key/reader.ts";
import { createKeyResource } from "./key/resource.ts";
import type { Log } from "./plugin/log.ts";
import type { Provider } from "./protocol/provider.ts";
import { createInvoke } from "./service/invoke.ts";
import { untilDone } from "./service/patience.ts";
import { createService, type Service } from "./service/service.ts";
import { vendorKeys } from "./vendor-keys.ts";

export interface Surroundings {
  readonly clock: Clock;
  readonly log: Log;
  readonly newClaim: () => string;
  /** What people set for AWS's tools beside the provider block. */
  readonly environment: NodeJS.ProcessEnv;
}

/** How long a read goes on through failures that pass. */
const READ_TIMEOUT_MS = 3 * 60_000;

/** The service's questions, asked until they are answered. Its commands are repeated by whoever gives them. */
const patient = (service: Service, { clock, log }: Surroundings, stopped: AbortSignal): Service => {
  const ask = <T>(what: string, question: (signal: AbortSignal) => Promise<T>) =>
    untilDone(async (signal) => ({ done: await question(signal) }), {
      clock,
      log,
      stopped,
      timeoutMs: READ_TIMEOUT_MS,
      what,
    });
  return {
    ...service,
    list: () => ask("listing the service's keys", (signal) => service.list(signal)),
    describe: (secretId) => ask(`reading ${secretId}`, (signal) => service.describe(secretId, signal)),
    vendorKeys: (connection) =>
      ask(`listing the keys of ${connection}`, (signal) => service.vendorKeys(connection, signal)),
  };
};

const clientOf = ({ functions, aws }: Configuration, surroundings: Surroundings, stopped: AbortSignal): Client => {
  const service = patient(createService(createInvoke(aws, surroundings.environment), functions), surroundings, stopped);
  const reader = createKeyReader({
    list: () => service.list(stopped),
    describe: (secretId) => service.describe(secretId, stopped),
  });
  return { service, functions, reader, stopped, ...surroundings };
};

/** Keyturn's Terraform provider. */
export const keyturnProvider = (surroundings: Surroundings): Provider<Client> => ({
  schema: PROVIDER_SCHEMA,
  validate: validateConfiguration,
  configure: (config, stopped) => clientOf(configurationOf(config), surroundings, stopped),
  resources: { keyturn_api_key: createKeyResource() },
  dataSources: { keyturn_api_keys: vendorKeys },
});
