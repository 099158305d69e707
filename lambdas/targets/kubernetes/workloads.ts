import type { KubernetesPlace, Workload } from "../../contracts/targets.ts";
import { isVariableName } from "../../contracts/variable-name.ts";
import { inParallel } from "../../pool.ts";
import type { KubernetesApi } from "./client.ts";
import type { Mark } from "./names.ts";
import { type WorkloadObject, workloadObject } from "./objects.ts";
import { requiresKey, variablesOf } from "./references.ts";
import { type ObjectPath, workloadPath } from "./rules.ts";

/** A workload that is there, as it is. */
export interface LiveWorkload {
  readonly workload: Workload;
  readonly object: WorkloadObject;
}

/** A workload as it is; `undefined` when it is not there. */
export interface SeenWorkload {
  readonly workload: Workload;
  readonly object: WorkloadObject | undefined;
}

/** How many workloads of one target are worked on at once. */
export const WORKLOADS_AT_ONCE = 4;

export const pathIn = ({ namespace }: KubernetesPlace, { kind, name }: Workload): ObjectPath =>
  workloadPath(kind, namespace, name);

export const readWorkloads = (api: KubernetesApi, target: KubernetesPlace): Promise<readonly SeenWorkload[]> =>
  inParallel(target.restart, WORKLOADS_AT_ONCE, async (workload) => ({
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

/** The declared workloads that get the value as a variable which no shell can read, by `envFrom`. */
export const workloadsMisnaming = (
  seen: readonly SeenWorkload[],
  { name, dataKey }: KubernetesPlace,
): readonly Workload[] =>
  seen.flatMap(({ workload, object }) =>
    object && variablesOf(object, name, dataKey).some((variable) => !isVariableName(variable)) ? [workload] : [],
  );

/** Whether a workload's pod template is marked with what is to be run. */
export const isMarked = ({ spec }: WorkloadObject, { annotation, stamp }: Mark): boolean =>
  spec.template.metadata.annotations[annotation] === stamp;

/** The workloads that are there, and whose pod template is not marked so. */
export const unmarkedOf = (seen: readonly SeenWorkload[], mark: Mark): readonly LiveWorkload[] =>
  seen.flatMap(({ workload, object }) => (object && !isMarked(object, mark) ? [{ workload, object }] : []));
