import type { KubernetesPlace, Workload } from "../../contracts/targets.ts";
import { inParallel } from "../../pool.ts";
import type { TargetContext, TargetState } from "../target.ts";
import { TargetError } from "../target-error.ts";
import type { KubernetesApi } from "./client.ts";
import { templateAnnotation } from "./names.ts";
import { podList, type WorkloadObject, workloadObject } from "./objects.ts";
import { NO_PODS, type PodMark, type PodTally, withPods } from "./pods.ts";
import { requiresKey } from "./references.ts";
import { type RolloutCode, type RolloutState, rolloutState, stateWithoutPods } from "./rollout-state.ts";
import { podsPath, workloadPath } from "./rules.ts";
import { selectorText } from "./selector.ts";

/** A workload as it is; `undefined` when it is not there. */
export interface SeenWorkload {
  readonly workload: Workload;
  readonly object: WorkloadObject | undefined;
}

const pathIn = ({ namespace }: KubernetesPlace, { kind, name }: Workload) => workloadPath(kind, namespace, name);

/** How many workloads of one target are worked on at once. */
const AT_ONCE = 4;

export const readWorkloads = (api: KubernetesApi, target: KubernetesPlace): Promise<readonly SeenWorkload[]> =>
  inParallel(target.restart, AT_ONCE, async (workload) => ({
    workload,
    object: await api.get(workloadObject, pathIn(target, workload)),
  }));

/** The declared workloads that do not start without a data key of the target's Secret. */
export const workloadsRequiring = (
  seen: readonly SeenWorkload[],
  secretName: string,
  key: string,
): readonly Workload[] =>
  seen.flatMap(({ workload, object }) => (object && requiresKey(object, secretName, key) ? [workload] : []));

const TRIES = 6;
const PAUSE_MS = 200;

/**
 * Marks a workload's pod template with the value's stamp, which makes its controller replace the pods, once. The change is
 * put with the resourceVersion that was read, so that it is never made over a later one. Returns the workload as it then is.
 */
const restartOne = async (
  context: TargetContext,
  target: KubernetesPlace,
  { workload, object: seen }: SeenWorkload,
  stamp: string,
): Promise<SeenWorkload> => {
  const path = pathIn(target, workload);
  const annotation = templateAnnotation(target.name);
  let object = seen;
  for (let tries = 1; ; tries++) {
    if (!object || object.spec.template.metadata.annotations[annotation] === stamp) return { workload, object };
    await context.confirm(undefined);
    const { resourceVersion } = object.metadata;
    const patch = {
      metadata: { resourceVersion },
      spec: { template: { metadata: { annotations: { [annotation]: stamp } } } },
    };
    try {
      return { workload, object: await context.api.merge(workloadObject, path, patch) };
    } catch (error) {
      if (!(error instanceof TargetError && error.code === "CHANGED" && tries < TRIES)) throw error;
      await context.clock.sleep(PAUSE_MS * tries);
      object = await context.api.get(workloadObject, path);
    }
  }
};

/**
 * Has all declared workloads pick up a value. One that cannot be changed does not hold up the others.
 * @param seen the workloads as they were read before the value was brought there
 * @returns the workloads as they then are
 * @throws the first error
 */
export const restartWorkloads = async (
  context: TargetContext,
  target: KubernetesPlace,
  seen: readonly SeenWorkload[],
  stamp: string,
): Promise<readonly SeenWorkload[]> => {
  const errors: unknown[] = [];
  const restarted = await inParallel(seen, AT_ONCE, (one) =>
    restartOne(context, target, one, stamp).catch((error: unknown) => {
      errors.push(error);
      return one;
    }),
  );
  if (errors.length > 0) throw errors[0];
  return restarted;
};

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

/**
 * The workload is read before its pods: a pod that its old template made in between is then seen. Pods are not asked for where
 * they have no say.
 */
const stateOf = async (
  api: KubernetesApi,
  target: KubernetesPlace,
  { workload, object }: SeenWorkload,
  stamp: string,
): Promise<RolloutState> => {
  const mark = { annotation: templateAnnotation(target.name), stamp };
  const isSaid = !object || stateWithoutPods(workload, object, mark) !== undefined;
  const pods = isSaid ? NO_PODS : await tallyOf(api, target, workload, object, mark);
  return rolloutState(workload, object, pods, mark);
};

/** Of several reasons the one that somebody has to act on comes first. */
const ORDER: readonly RolloutCode[] = ["STUCK", "MISSING", "BEHIND", "ROLLING"];

/** How the declared workloads of a target stand, all together. */
export const observeRollouts = async (
  api: KubernetesApi,
  target: KubernetesPlace,
  seen: readonly SeenWorkload[],
  stamp: string,
): Promise<TargetState> => {
  const states = await inParallel(seen, AT_ONCE, (one) => stateOf(api, target, one, stamp));
  const open = states.flatMap((state) => (state.done ? [] : [state]));
  const [first] = open.toSorted((a, b) => ORDER.indexOf(a.code) - ORDER.indexOf(b.code));
  if (!first)
    return { adopted: true, sinceMs: Math.max(0, ...states.map((state) => (state.done ? state.sinceMs : 0))) };
  return {
    adopted: false,
    code: first.code,
    reason: open.map(({ reason }) => reason).join("; "),
    ...(open.some(({ code }) => code === "BEHIND") ? { behind: true } : {}),
  };
};
