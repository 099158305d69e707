import { type KubernetesPlace, type Workload, workloadText } from "../../contracts/targets.ts";
import { inParallel } from "../../pool.ts";
import type { TargetState } from "../target.ts";
import type { KubernetesApi } from "./client.ts";
import { ANNOTATIONS } from "./names.ts";
import { podList, type WorkloadObject } from "./objects.ts";
import { CLOCKS_MS, NO_PODS, type PodMark, type PodTally, withPods } from "./pods.ts";
import { isSpent, MOST_ROLLOUTS, type WantedRollout } from "./rolled-out.ts";
import { type RolloutCode, type RolloutState, replacedState, rolloutState, stateWithoutPods } from "./rollout-state.ts";
import { podsPath } from "./rules.ts";
import { selectorText } from "./selector.ts";
import { isMarked, type SeenWorkload, WORKLOADS_AT_ONCE } from "./workloads.ts";

/** Looks at a workload's pods page by page: a page is dropped before the next one is asked for. */
const tallyOf = async (
  api: KubernetesApi,
  { namespace }: KubernetesPlace,
  workload: Workload,
  object: WorkloadObject,
  mark: PodMark,
): Promise<PodTally> => {
  const labelSelector = selectorText(object.spec.selector);
  let tally = NO_PODS;
  let next = "";
  do {
    const page = await api.list(podList, podsPath(namespace), { labelSelector, continue: next });
    tally = withPods(tally, workload, page.items, mark);
    next = page.metadata.continue;
  } while (next !== "");
  return tally;
};

const replacedText = (workload: Workload, { holder, mark }: WantedRollout): string =>
  [
    `${workloadText(workload)} loses the annotation ${mark.annotation} of its pod template to whatever replaces it, and after`,
    `${MOST_ROLLOUTS} rollouts is not rolled out with this value again: have that tool leave the annotation (Argo CD:`,
    "ignoreDifferences with RespectIgnoreDifferences=true), then let Keyturn begin anew:",
    `kubectl annotate ${holder.resource} ${holder.name} --namespace ${holder.namespace} ${ANNOTATIONS.rolledOut}-`,
  ].join(" ");

/** By the mark where there is one, and where it is lost again and again by the pods' age. */
const stateOf = async (
  api: KubernetesApi,
  target: KubernetesPlace,
  { workload, object }: SeenWorkload,
  wanted: WantedRollout,
): Promise<RolloutState> => {
  const { mark, notes, heldSinceMs } = wanted;
  if (!object || isMarked(object, mark) || !isSpent(notes, { workload, object })) {
    // The workload was read before its pods: a pod that its old template made in between is then seen.
    const isSaid = !object || stateWithoutPods(workload, object, mark) !== undefined;
    return rolloutState(workload, object, isSaid ? NO_PODS : await tallyOf(api, target, workload, object, mark), mark);
  }
  const age = heldSinceMs === undefined ? {} : { madeAfterMs: heldSinceMs + CLOCKS_MS };
  const pods = await tallyOf(api, target, workload, object, { ...mark, ...age });
  return replacedState(workload, object, pods, replacedText(workload, wanted));
};

/** Of several reasons the one that somebody has to act on comes first. */
const ORDER: readonly RolloutCode[] = ["STUCK", "MISSING", "REPLACED", "BEHIND", "ROLLING"];

/** What there is to say of a workload. */
const remarksOf = (state: RolloutState): readonly { readonly code: RolloutCode; readonly reason: string }[] => {
  if (!state.done) return [state];
  return state.replaced === undefined ? [] : [{ code: "REPLACED", reason: state.replaced }];
};

/** How the declared workloads of a target stand, all together. */
export const observeRollouts = async (
  api: KubernetesApi,
  target: KubernetesPlace,
  seen: readonly SeenWorkload[],
  wanted: WantedRollout,
): Promise<TargetState> => {
  const states = await inParallel(seen, WORKLOADS_AT_ONCE, (one) => stateOf(api, target, one, wanted));
  const remarks = states.flatMap(remarksOf);
  const [first] = remarks.toSorted((a, b) => ORDER.indexOf(a.code) - ORDER.indexOf(b.code));
  const said = first && { code: first.code, reason: remarks.map(({ reason }) => reason).join("; ") };
  if (states.every(({ done }) => done))
    return { adopted: true, sinceMs: Math.max(0, ...states.map((state) => (state.done ? state.sinceMs : 0))), ...said };
  return { adopted: false, ...said, ...(remarks.some(({ code }) => code === "BEHIND") ? { behind: true } : {}) };
};
