import type { Clock } from "../../lambdas/clock.ts";
import { withToken } from "./client-request-token.ts";
import type { Model } from "./model.ts";
import { defaultModelParameters, type ModelParameters } from "./model-parameters.ts";
import { operationOf } from "./operation-registry.ts";
import type { Random } from "./random-ids.ts";
import type { LambdaInvoker } from "./rotation/lambda-invoker.ts";
import type { RotationEvent } from "./rotation/rotation-events.ts";
import { Rotations } from "./rotation/rotations.ts";
import { SecretStore } from "./secret-store.ts";
import type { Surroundings } from "./surroundings.ts";

/*
 * A model of AWS Secrets Manager: every operation of its API, for one account and region.
 *
 * Written from the API reference and API model of 2017-10-17, the user guide (rotation, schedules, troubleshooting,
 * CloudTrail events, service quotas), and answers of AWS that other projects have published as recordings of their tests.
 *
 * What is left out, and what happens instead, is listed in left-out.ts. What AWS leaves open is in model-parameters.ts.
 */

export interface SecretsManager {
  /**
   * Calls an operation as an SDK would: Dates are Date, blobs Uint8Array, an absent ClientRequestToken is filled in.
   * @throws ServiceError
   */
  call(operation: string, input: unknown): Promise<unknown>;
  /** Resolves when no rotation runs. Retries that wait for their time are not waited for. */
  idle(): Promise<void>;
  /** Ends rotations before their next step and the wait for due dates at once. Calls still work. */
  close(): void;
  /** How often each operation was called, failed calls included, sorted by name. */
  calls(): { operation: string; count: number }[];
}

export interface SecretsManagerOptions {
  readonly clock: Clock;
  readonly lambda: LambdaInvoker;
  /** @default "000000000000" */
  readonly accountId?: string;
  /** @default "us-east-1" */
  readonly region?: string;
  /** Takes the events of rotations. @default they go nowhere */
  readonly onEvent?: (event: RotationEvent) => void;
  /** @default defaultModelParameters, for each one left out */
  readonly parameters?: Partial<ModelParameters>;
  /** Numbers from 0 to 1, for ARNs and ids. @default Math.random */
  readonly random?: Random;
}

function createModel(options: SecretsManagerOptions): Model {
  const { clock, lambda, accountId = "000000000000", region = "us-east-1", random = Math.random } = options;
  const parameters = { ...defaultModelParameters, ...options.parameters };
  const world: Surroundings = {
    clock,
    lambda,
    accountId,
    region,
    random,
    parameters,
    onEvent: options.onEvent ?? (() => undefined),
  };
  const store = new SecretStore(world);
  const rotations = new Rotations({ ...world, store });
  return { ...world, store, rotations };
}

/** Creates an empty Secrets Manager. It starts no work of its own until a rotation is configured. */
export function createSecretsManager(options: SecretsManagerOptions): SecretsManager {
  const model = createModel(options);
  const counts = new Map<string, number>();
  return {
    async call(operation, input) {
      const { name, execute } = operationOf(operation);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return execute(model, withToken(name, input, model.random));
    },
    idle: () => model.rotations.idle(),
    close: () => model.rotations.close(),
    calls: () =>
      [...counts]
        .map(([operation, count]) => ({ operation, count }))
        .sort((a, b) => (a.operation < b.operation ? -1 : 1)),
  };
}
