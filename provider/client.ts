import type { Clock } from "../lambdas/clock.ts";
import type { KeyReader } from "./key/reader.ts";
import type { Log } from "./plugin/log.ts";
import type { Service, ServiceFunctions } from "./service/service.ts";

/** What the resources of a configured provider work with. */
export interface Client {
  readonly service: Service;
  readonly functions: ServiceFunctions;
  readonly reader: KeyReader;
  readonly clock: Clock;
  readonly log: Log;
  /** A name for a new claim, which no other object has. */
  readonly newClaim: () => string;
  /** Aborts when Terraform is told to stop. */
  readonly stopped: AbortSignal;
}
