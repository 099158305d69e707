import type { FunctionName } from "../../constructs/functions.ts";
import type { Clock } from "../../lambdas/clock.ts";
import type { Redacted } from "../../lambdas/redacted.ts";
import type { World } from "../../lambdas/world.ts";
import type { Delays } from "../delays.ts";
import type { VendorName, VendorStand } from "../vendor-stand.ts";
import type { Workload } from "../workload/workload.ts";
import type { ClusterChoice } from "./kubernetes/cluster.ts";

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

/** What is to run in a pod. */
export interface PodRequest {
  readonly vendor: VendorName;
  /** What was injected into it when it started. */
  readonly apiKey: Redacted;
  readonly everyMs: number;
  readonly onFailure: (reason: string) => void;
}

/** Resources of one type of which the stand-in does not give the same attributes back. */
export interface NotGivenBack {
  readonly type: string;
  readonly names: readonly string[];
  readonly attributes: readonly string[];
}

/** A managed key that a plan would change. */
export interface PlannedKey {
  readonly address: string;
  /** As it is called before the change. */
  readonly name: string;
  /** "update", "delete and create", … */
  readonly actions: string;
  /** What becomes different, each as "name: a → b". */
  readonly changes: readonly string[];
}

/** What a deployment would change. */
export interface Plan {
  /** What the stand-in does not give back, so that it shows as a change although nothing changed. */
  readonly notGivenBack: readonly NotGivenBack[];
  readonly changedKeys: readonly PlannedKey[];
  /** The keys that were read, at the vendor too, and that it would leave as they are. */
  readonly unchangedKeys: readonly string[];
  /** Everything else, each as "type.name: attributes (actions)". */
  readonly changes: readonly string[];
}

/** A key whose destroy was refused, as whoever runs the destroy is told. */
export interface Refusal {
  readonly keyId: string;
  readonly secretName: string;
  /** ISO 8601 UTC. */
  readonly usedAt: string;
  /** When it may be tried again, ISO 8601 UTC. */
  readonly tryAfter: string;
}

/** What became of a destroy. */
export interface Destruction {
  /** Empty: everything is gone. */
  readonly refusals: readonly Refusal[];
  /** How many resources are gone, by type or kind. */
  readonly gone: Readonly<Record<string, number>>;
}

/** The stack that is deployed, changed and destroyed. */
export interface DeployableStack {
  /** From now on the stack is declared with these variables, which `sandboxConfiguration` knows. */
  declare(variables: Readonly<Record<string, string>>): void;
  /** The rights that the stack needs in its cluster: the manifest that synthesis lays beside it. */
  rbacManifest(): Promise<string>;
  /** What a deploy of what is declared would change. */
  plan(): Promise<Plan>;
  deploy(): Promise<void>;
  /** @throws Error when it failed for another reason than a key in use */
  destroy(): Promise<Destruction>;
}

/** Where the play is played: the real deploy with its processes, or all in this process. */
export interface Stage extends DeployableStack {
  readonly clock: Clock;
  readonly delays: Delays;
  readonly secretsManager: World["secretsManager"];
  readonly vendors: Readonly<Record<VendorName, VendorStand>>;
  /** Where everything that the run writes is written. */
  readonly folder: string;
  /** The cluster in whose pods a key is used; it ends with the stage. */
  readonly cluster: ClusterChoice;
  /** Invokes a function of the service, as a person does. @returns its answer @throws Error when it failed */
  invoke(name: FunctionName, event: object): Promise<unknown>;
  startWorkload(request: WorkloadRequest): Workload;
  startPod(request: PodRequest): Workload;
  /** All lines that the functions logged so far. Nobody has them any more once the stack is destroyed. */
  log(): Promise<string>;
  /** Steps of rotations are told to it from now on. */
  onStep(listener: (step: SeenStep) => void): void;
  /** Ends everything that it started, workloads that were not stopped included. */
  close(): Promise<void>;
}
