import type { Clock } from "../lambdas/clock.ts";
import type { KeyReader } from "./key/reader.ts";
import type { Log } from "./plugin/log.ts";
import type { Service } from "./service/service.ts";

/** What the resources of a configured provider work with. */
export interface Client {
  readonly service: Service;
  readonly reader: KeyReader;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when Terraform is told to stop. */
  readonly stopped: AbortSignal;
}
