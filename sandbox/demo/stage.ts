import type { Clock } from "../../lambdas/clock.ts";
import type { World } from "../../lambdas/world.ts";
import type { Delays } from "../delays.ts";
import type { VendorName, VendorStand } from "../vendor-stand.ts";
import type { Workload } from "../workload/workload.ts";

/** A step of a rotation that Secrets Manager saw end. */
export interface SeenStep {
  readonly secretArn: string;
  readonly step: string;
  readonly error?: string;
}

export interface WorkloadRequest {
  readonly name: string;
  readonly secretId: string;
  readonly vendor: VendorName;
  readonly everyMs: number;
  readonly cacheMs: number;
  readonly onFailure: (reason: string) => void;
}

/** Resources of one type of which the stand-in does not give the same attributes back. */
export interface NotGivenBack {
  readonly type: string;
  readonly names: readonly string[];
  readonly attributes: readonly string[];
}

/** What a second deployment would change. */
export interface Redeployment {
  /** What the stand-in does not give back, so that it shows as a change although nothing changed. */
  readonly notGivenBack: readonly NotGivenBack[];
  /** Everything else. */
  readonly changes: readonly string[];
}

/** Where the play is played: the real deploy with its processes, or all in this process. */
export interface Stage {
  readonly clock: Clock;
  readonly delays: Delays;
  readonly secretsManager: World["secretsManager"];
  readonly vendors: Readonly<Record<VendorName, VendorStand>>;
  /** Where everything that the run writes is written. */
  readonly folder: string;
  deploy(): Promise<void>;
  redeploy(): Promise<Redeployment>;
  destroy(): Promise<void>;
  /** Invokes `manage`, as a person does. @throws Error when it failed */
  manage(event: object): Promise<void>;
  startWorkload(request: WorkloadRequest): Workload;
  /** All lines that the functions logged so far. */
  log(): Promise<string>;
  /** Steps of rotations are told to it from now on. */
  onStep(listener: (step: SeenStep) => void): void;
  /** Ends everything that it started, workloads that were not stopped included. */
  close(): Promise<void>;
}
