import type { TargetCode } from "../../contracts/distribute.ts";
import { type Workload, workloadText } from "../../contracts/targets.ts";
import { redactText } from "../../redacted.ts";
import type { PodObject, WorkloadObject } from "./objects.ts";

/*
 * Whether a workload runs a value, from the live objects alone. Written from the Kubernetes documentation of Deployments
 * ("Deployment status"), StatefulSets ("Update strategies", "Partitioned rolling updates") and DaemonSets.
 */
export type RolloutCode = Extract<TargetCode, "MISSING" | "BEHIND" | "STUCK" | "ROLLING">;

export type RolloutState =
  | { readonly done: true; readonly sinceMs: number }
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

/** Kubernetes takes a pod in these phases for ended: it runs nothing. */
const ENDED = new Set(["Succeeded", "Failed"]);

/** A pod of a Deployment belongs to a ReplicaSet that is called like it, with the hash of the pod's template. */
const isPodOf = ({ kind, name }: Workload, { metadata }: PodObject): boolean =>
  metadata.ownerReferences.some((owner) => {
    if (kind === "deployment")
      return owner.kind === "ReplicaSet" && owner.name === `${name}-${metadata.labels["pod-template-hash"] ?? ""}`;
    return owner.kind === (kind === "statefulset" ? "StatefulSet" : "DaemonSet") && owner.name === name;
  });

const waitingReason = (pod: PodObject): string | undefined => {
  const { initContainerStatuses, containerStatuses, conditions } = pod.status;
  const waiting = [...initContainerStatuses, ...containerStatuses].flatMap(({ state }) => state?.waiting ?? []);
  const stuck = waiting.find(({ reason }) => STUCK_REASONS.has(reason));
  if (stuck) return said(stuck.reason, stuck.message);
  const unscheduled = conditions.find(
    ({ type, status, reason }) => type === "PodScheduled" && status === "False" && reason === "Unschedulable",
  );
  return unscheduled && said(unscheduled.reason, unscheduled.message);
};

/** What the kubelet says of a container that does not start by itself. It tries again, mostly in vain. */
const STUCK_REASONS = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
  "CrashLoopBackOff",
]);

const said = (reason: string, message: string): string =>
  message === "" ? reason : `${reason}: ${redactText(message).slice(0, 200)}`;

const names = (pods: readonly PodObject[]): string => {
  const shown = pods.slice(0, 3).map(({ metadata }) => metadata.name);
  return `${shown.join(", ")}${pods.length > shown.length ? ` and ${pods.length - shown.length} more` : ""}`;
};

const stuck = (reason: string): RolloutState => ({ done: false, code: "STUCK", reason });
const rolling = (reason: string): RolloutState => ({ done: false, code: "ROLLING", reason });

/** What keeps pods of an older template for as long as nobody does anything. */
const blockedBy = (workload: Workload, { spec }: WorkloadObject, old: readonly PodObject[]): string | undefined => {
  const what = workloadText(workload);
  if (old.length === 0) return undefined;
  if (spec.paused) return `${what} is paused: resume it (kubectl rollout resume)`;
  if (spec.updateStrategy?.type === "OnDelete")
    return `${what} has the update strategy OnDelete: delete its old pods ${names(old)}`;
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  return partition > 0
    ? `${what} has a partition of ${partition}, below which its pods stay as they are: set it to 0`
    : undefined;
};

/**
 * A pod that does not start, and what it is. An old one counts in a StatefulSet alone, which waits for it before it makes new
 * ones (Kubernetes: StatefulSets, "Forced rollback").
 */
const failingPod = (
  workload: Workload,
  pods: readonly PodObject[],
  isNew: (pod: PodObject) => boolean,
): string | undefined => {
  for (const pod of pods) {
    const reason = isNew(pod) || workload.kind === "statefulset" ? waitingReason(pod) : undefined;
    if (reason === undefined) continue;
    const advice = isNew(pod) ? "" : "; it is of an older template, and no new one is made before it runs: delete it";
    return `the pod ${pod.metadata.name} of ${workloadText(workload)} does not start: ${reason}${advice}`;
  }
  return undefined;
};

/**
 * Since when the first of the pods is ready; 0 where there are none. Not the last one: pods that are only added, or moved to
 * another node, would make an adoption young again and again, and a large workload would never have adopted for an hour.
 */
const readySinceMs = (pods: readonly PodObject[]): number => {
  const times = pods.flatMap(({ status }) => {
    const ready = status.conditions.find(({ type, status: value }) => type === "Ready" && value === "True");
    return Date.parse(ready?.lastTransitionTime ?? "") || [];
  });
  return times.length > 0 ? Math.min(...times) : 0;
};

const ofPods = (
  workload: Workload,
  object: WorkloadObject,
  pods: readonly PodObject[],
  isNew: (pod: PodObject) => boolean,
): RolloutState => {
  const what = workloadText(workload);
  const mine = pods.filter((pod) => isPodOf(workload, pod) && !ENDED.has(pod.status.phase));
  const old = mine.filter((pod) => !isNew(pod));
  const blocked = blockedBy(workload, object, old);
  if (blocked !== undefined) return stuck(blocked);
  const failing = failingPod(workload, mine, isNew);
  if (failing !== undefined) return stuck(failing);
  const failed = object.status.conditions.find(({ type, status }) => type === "Progressing" && status === "False");
  if (failed) return stuck(`the rollout of ${what} does not go on: ${said(failed.reason, failed.message)}`);
  const { wanted, total, updated, available } = countsOf(workload, object);
  if (updated < wanted || available < wanted)
    return rolling(`${what} is being rolled out: of ${wanted} pods ${updated} are new and ${available} available`);
  if (old.length > 0 || total > updated)
    return rolling(`${what} still has pods of an older template: ${names(old) || total - updated}`);
  return { done: true, sinceMs: readySinceMs(mine) };
};

/** What a workload says by itself of its rollout; `undefined` when it is its pods that say it. */
export const stateWithoutPods = (
  workload: Workload,
  object: WorkloadObject,
  annotation: string,
  stamp: string,
): RolloutState | undefined => {
  const what = workloadText(workload);
  if (object.spec.template.metadata.annotations[annotation] !== stamp)
    return { done: false, code: "BEHIND", reason: `${what} was not rolled out with this version yet` };
  if ((object.status.observedGeneration ?? 0) < object.metadata.generation)
    return rolling(`${what} was just changed, and its controller has not seen it yet`);
  return undefined;
};

/**
 * How the rollout of a workload stands.
 * @param object `undefined` when there is no such workload
 * @param pods the pods that its selector finds, those being deleted included
 * @param annotation the name of the template's annotation, and `stamp` its value for what is to be run
 */
export const rolloutState = (
  workload: Workload,
  object: WorkloadObject | undefined,
  pods: readonly PodObject[],
  annotation: string,
  stamp: string,
): RolloutState => {
  if (!object)
    return {
      done: false,
      code: "MISSING",
      reason: `there is no ${workloadText(workload)}; deploy it, or take it out of the target's restart`,
    };
  return (
    stateWithoutPods(workload, object, annotation, stamp) ??
    ofPods(workload, object, pods, ({ metadata }) => metadata.annotations[annotation] === stamp)
  );
};
