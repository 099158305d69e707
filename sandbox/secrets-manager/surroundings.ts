import type { Clock } from "../../lambdas/clock.ts";
import type { ModelParameters } from "./model-parameters.ts";
import type { Random } from "./random-ids.ts";
import type { LambdaInvoker } from "./rotation/lambda-invoker.ts";
import type { RotationEvent } from "./rotation/rotation-events.ts";

/** What surrounds the secrets: the time, the account, the chance, the ways out. */
export interface Surroundings {
  readonly clock: Clock;
  readonly parameters: ModelParameters;
  readonly accountId: string;
  readonly region: string;
  readonly random: Random;
  readonly lambda: LambdaInvoker;
  readonly onEvent: (event: RotationEvent) => void;
}
