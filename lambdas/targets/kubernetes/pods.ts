import { type Workload, workloadText } from "../../contracts/targets.ts";
import { redactText } from "../../redacted.ts";
import type { Mark } from "./names.ts";
import type { PodObject } from "./objects.ts";

/*
 * What the pods of a workload say of its rollout. Of twenty thousand pods only counts and a few names are kept: a page of them is
 * looked at and dropped before the next one is asked for.
 */
export interface PodTally {
  /** How many run what is not to be run any more, and the names of the first of them. */
  readonly old: number;
  readonly oldNames: readonly string[];
  /** The first pod that does not start, and why. */
  readonly failing?: string;
  /** Since when the first of them is ready; not there: none is. */
  readonly readySinceMs?: number;
}

export const NO_PODS: PodTally = { old: 0, oldNames: [] };

/** How much the clocks of a cluster's API servers may differ. etcd warns of a second. */
export const CLOCKS_MS = 5_000;

/** By what a pod shows that it started with the value that is to be run. */
export interface PodMark extends Mark {
  /** A pod that was made later than this counts too, by the API server's clock. Not there: the mark alone counts. */
  readonly madeAfterMs?: number;
}

/** How many old pods are named. */
const MOST_NAMES = 3;

/** Kubernetes takes a pod in these phases for ended: it runs nothing. */
const ENDED = new Set(["Succeeded", "Failed"]);

/** A pod of a Deployment belongs to a ReplicaSet that is called like it, with the hash of the pod's template. */
const isPodOf = ({ kind, name }: Workload, { metadata }: PodObject): boolean =>
  metadata.ownerReferences.some((owner) => {
    if (kind === "deployment")
      return owner.kind === "ReplicaSet" && owner.name === `${name}-${metadata.labels["pod-template-hash"] ?? ""}`;
    return owner.kind === (kind === "statefulset" ? "StatefulSet" : "DaemonSet") && owner.name === name;
  });

const isNew = ({ annotation, stamp, madeAfterMs }: PodMark, { metadata }: PodObject): boolean =>
  metadata.annotations[annotation] === stamp ||
  (madeAfterMs !== undefined && Date.parse(metadata.creationTimestamp ?? "") > madeAfterMs);

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

/** What a controller or the kubelet says, short and without any key. */
export const said = (reason: string, message: string): string =>
  message === "" ? reason : `${reason}: ${redactText(message).slice(0, 200)}`;

const waitingReason = ({ status }: PodObject): string | undefined => {
  const { initContainerStatuses, containerStatuses, conditions } = status;
  const waiting = [...initContainerStatuses, ...containerStatuses].flatMap(({ state }) => state?.waiting ?? []);
  const stuck = waiting.find(({ reason }) => STUCK_REASONS.has(reason));
  if (stuck) return said(stuck.reason, stuck.message);
  const unscheduled = conditions.find(
    ({ type, status: value, reason }) => type === "PodScheduled" && value === "False" && reason === "Unschedulable",
  );
  return unscheduled && said(unscheduled.reason, unscheduled.message);
};

/**
 * Why a pod does not start, and what it is. An old one counts in a StatefulSet alone, which waits for it before it makes new
 * ones (Kubernetes: StatefulSets, "Forced rollback").
 */
const failureOf = (workload: Workload, pod: PodObject, isItNew: boolean): string | undefined => {
  const reason = isItNew || workload.kind === "statefulset" ? waitingReason(pod) : undefined;
  if (reason === undefined) return undefined;
  const advice = isItNew ? "" : "; it is of an older template, and no new one is made before it runs: delete it";
  return `the pod ${pod.metadata.name} of ${workloadText(workload)} does not start: ${reason}${advice}`;
};

const readySinceMs = ({ status }: PodObject): number | undefined => {
  const ready = status.conditions.find(({ type, status: value }) => type === "Ready" && value === "True");
  return Date.parse(ready?.lastTransitionTime ?? "") || undefined;
};

const withPod = (tally: PodTally, workload: Workload, pod: PodObject, mark: PodMark): PodTally => {
  if (!isPodOf(workload, pod) || ENDED.has(pod.status.phase)) return tally;
  const isItNew = isNew(mark, pod);
  const failing = tally.failing ?? failureOf(workload, pod, isItNew);
  const since = [tally.readySinceMs, readySinceMs(pod)].filter((time) => time !== undefined);
  return {
    old: tally.old + (isItNew ? 0 : 1),
    oldNames: isItNew || tally.old >= MOST_NAMES ? tally.oldNames : [...tally.oldNames, pod.metadata.name],
    ...(failing === undefined ? {} : { failing }),
    ...(since.length > 0 ? { readySinceMs: Math.min(...since) } : {}),
  };
};

/** A tally with one page more of the pods that a workload's selector finds, those being deleted included. */
export const withPods = (tally: PodTally, workload: Workload, page: readonly PodObject[], mark: PodMark): PodTally =>
  page.reduce((sofar, pod) => withPod(sofar, workload, pod, mark), tally);

/** "web-1, web-2, web-3 and 12 more"; empty when there are none. */
export const oldPodsText = ({ old, oldNames }: PodTally): string =>
  `${oldNames.join(", ")}${old > oldNames.length ? ` and ${old - oldNames.length} more` : ""}`;
