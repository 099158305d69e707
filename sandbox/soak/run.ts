import type { View } from "../demo/view.ts";
import type { Workload, WorkloadCounts } from "../workload/workload.ts";
import { type Baseline, type Census, takeCensus } from "./census.ts";
import { observe } from "./observe.ts";
import type { RotationLedger } from "./rotation-ledger.ts";
import type { SoakStage } from "./stage.ts";

export interface SoakOptions {
  readonly stage: SoakStage;
  readonly view: Pick<View, "line">;
  readonly minutes: number;
  readonly keys: number;
  readonly seed: number;
}

/** What a run has, and what it has counted so far. */
export interface Run extends SoakOptions {
  readonly secretArns: readonly string[];
  readonly baseline: Baseline;
  readonly ledger: RotationLedger;
  /** The workloads of each vendor. */
  readonly groups: readonly Workload[];
  /** The first requests that failed. */
  readonly failures: readonly string[];
  /** Processes killed so far, by function. */
  readonly kills: Record<string, number>;
}

/** The requests of all workloads. */
export const requestCounts = ({ groups }: Pick<Run, "groups">): WorkloadCounts => {
  const counts = groups.map((group) => group.counts());
  const of = (name: keyof WorkloadCounts): number => counts.reduce((sum, one) => sum + one[name], 0);
  return { requests: of("requests"), failures: of("failures"), throttled: of("throttled") };
};

export const censusOf = async ({ stage, secretArns, baseline }: Run): Promise<Census> =>
  takeCensus(await observe(stage, secretArns), baseline);
