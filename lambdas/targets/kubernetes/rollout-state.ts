import type { TargetCode } from "../../contracts/distribute.ts";
import { type Workload, workloadText } from "../../contracts/targets.ts";
import type { Mark } from "./names.ts";
import type { WorkloadObject } from "./objects.ts";
import { oldPodsText, type PodTally, said } from "./pods.ts";
import { isMarked } from "./workloads.ts";

/*
 * Whether a workload runs a value, from the live objects alone. Written from the Kubernetes documentation of Deployments
 * ("Deployment status"), StatefulSets ("Update strategies", "Partitioned rolling updates") and DaemonSets.
 */
export type RolloutCode = Extract<TargetCode, "MISSING" | "REPLACED" | "BEHIND" | "STUCK" | "ROLLING">;

export type RolloutState =
  | { readonly done: true; readonly sinceMs: number /** What somebody has to see to. */; readonly replaced?: string }
  | { readonly done: false; readonly code: RolloutCode; readonly reason: string };

interface Counts {
  readonly wanted: number;
  readonly total: number;
  readonly updated: number;
  readonly available: number;
}

const countsOf = ({ kind }: Workload, { spec, status }: WorkloadObject): Counts =>
  kind === "daemonset"
    ? {
        wanted: status.desiredNumberScheduled ?? 0,
        total: status.desiredNumberScheduled ?? 0,
        updated: status.updatedNumberScheduled ?? 0,
        available: status.numberAvailable ?? 0,
      }
    : {
        wanted: spec.replicas ?? 1,
        total: status.replicas ?? 0,
        updated: status.updatedReplicas ?? 0,
        available: status.availableReplicas ?? 0,
      };

const stuck = (reason: string): RolloutState => ({ done: false, code: "STUCK", reason });
const rolling = (reason: string): RolloutState => ({ done: false, code: "ROLLING", reason });

/** What keeps pods of an older template for as long as nobody does anything. */
const blockedBy = (workload: Workload, { spec }: WorkloadObject, pods: PodTally): string | undefined => {
  const what = workloadText(workload);
  if (pods.old === 0) return undefined;
  if (spec.paused) return `${what} is paused: resume it (kubectl rollout resume)`;
  if (spec.updateStrategy?.type === "OnDelete")
    return `${what} has the update strategy OnDelete: delete its old pods ${oldPodsText(pods)}`;
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  return partition > 0
    ? `${what} has a partition of ${partition}, below which its pods stay as they are: set it to 0`
    : undefined;
};

const OLD_BY_MARK = "still has pods of an older template";
const OLD_BY_AGE = "has pods that may have started with another value, and are to be deleted";

/**
 * `since` is when the first of the pods was ready, 0 where there are none. Not the last one: pods that are only added, or moved to
 * another node, would make an adoption young again and again, and a large workload would never have adopted for an hour.
 */
const ofPods = (workload: Workload, object: WorkloadObject, pods: PodTally, hasOld = OLD_BY_MARK): RolloutState => {
  const what = workloadText(workload);
  const blocked = blockedBy(workload, object, pods);
  if (blocked !== undefined) return stuck(blocked);
  if (pods.failing !== undefined) return stuck(pods.failing);
  const failed = object.status.conditions.find(({ type, status }) => type === "Progressing" && status === "False");
  if (failed) return stuck(`the rollout of ${what} does not go on: ${said(failed.reason, failed.message)}`);
  const { wanted, total, updated, available } = countsOf(workload, object);
  if (updated < wanted || available < wanted)
    return rolling(`${what} is being rolled out: of ${wanted} pods ${updated} are new and ${available} available`);
  if (pods.old > 0 || total > updated) return rolling(`${what} ${hasOld}: ${oldPodsText(pods) || total - updated}`);
  return { done: true, sinceMs: pods.readySinceMs ?? 0 };
};

const notSeenYet = (workload: Workload, { metadata, status }: WorkloadObject): RolloutState | undefined =>
  (status.observedGeneration ?? 0) < metadata.generation
    ? rolling(`${workloadText(workload)} was just changed, and its controller has not seen it yet`)
    : undefined;

/** What a workload says by itself of its rollout; `undefined` when it is its pods that say it. */
export const stateWithoutPods = (workload: Workload, object: WorkloadObject, mark: Mark): RolloutState | undefined => {
  const reason = `${workloadText(workload)} was not rolled out with this version yet`;
  return isMarked(object, mark) ? notSeenYet(workload, object) : { done: false, code: "BEHIND", reason };
};

/**
 * How a workload stands whose mark was taken off as often as it got it. It is rolled out no more, and its pods' age says whether
 * they run the value.
 * @param replaced what somebody has to do about it
 */
export const replacedState = (
  workload: Workload,
  object: WorkloadObject,
  pods: PodTally,
  replaced: string,
): RolloutState => {
  const state = notSeenYet(workload, object) ?? ofPods(workload, object, pods, OLD_BY_AGE);
  if (state.done) return { ...state, replaced };
  return { done: false, code: state.code === "STUCK" ? "STUCK" : "REPLACED", reason: `${state.reason}; ${replaced}` };
};

/**
 * How the rollout of a workload stands.
 * @param object `undefined` when there is no such workload
 * @param pods what its pods say
 * @param mark the template's annotation, and its value for what is to be run
 */
export const rolloutState = (
  workload: Workload,
  object: WorkloadObject | undefined,
  pods: PodTally,
  mark: Mark,
): RolloutState => {
  if (!object)
    return {
      done: false,
      code: "MISSING",
      reason: `there is no ${workloadText(workload)}; deploy it, or take it out of the target's restart`,
    };
  return stateWithoutPods(workload, object, mark) ?? ofPods(workload, object, pods);
};
