import type { FunctionName } from "../../constructs/functions.ts";
import type { Clock } from "../../lambdas/clock.ts";
import type { World } from "../../lambdas/world.ts";
import type { ObservedStep } from "../sandbox.ts";
import type { VendorName, VendorStand } from "../vendor-stand.ts";
import type { Workload } from "../workload/workload.ts";

/** A process in which a function runs, or waits for its next invocation. */
export interface FunctionProcess {
  readonly processId: number;
  readonly role: FunctionName;
}

/** A workload that lives on one key. */
export interface Caller {
  readonly name: string;
  readonly secretId: string;
}

export interface CallersRequest {
  readonly vendor: VendorName;
  readonly callers: readonly Caller[];
  readonly everyMs: number;
  /** The longest that a key which was read is used before it is read again. */
  readonly longestHoldMs: number;
  readonly seed: number;
  readonly onFailure: (reason: string) => void;
}

/** What a soak sees of the rotations while they run. */
export interface StepListener {
  onStart(step: Omit<ObservedStep, "error">): void;
  onEnd(step: ObservedStep): void;
}

/** Where the soak is run. */
export interface SoakStage {
  readonly clock: Clock;
  readonly secretsManager: World["secretsManager"];
  readonly vendors: Readonly<Record<VendorName, VendorStand>>;
  /** Where everything that the run writes is written. */
  readonly folder: string;
  deploy(): Promise<void>;
  /** Starts workloads of one vendor. Their counts are those of all of them. */
  startCallers(request: CallersRequest): Workload;
  /** The processes of the functions, as they are now. */
  processes(): Promise<readonly FunctionProcess[]>;
  /** Ends a process with SIGKILL. @returns false when it had ended before */
  kill(process: FunctionProcess): boolean;
  listen(listener: StepListener): void;
  /** How many passes reconcile has begun. */
  passes(): number;
  /** All that the functions logged, by function. */
  functionLogs(): Promise<ReadonlyMap<FunctionName, string>>;
  /** Ends everything that it started. */
  close(): Promise<void>;
}
