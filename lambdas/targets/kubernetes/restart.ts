import { type KubernetesPlace, type Workload, workloadText } from "../../contracts/targets.ts";
import { inParallel } from "../../pool.ts";
import type { TargetContext } from "../target.ts";
import { TargetError } from "../target-error.ts";
import type { Mark } from "./names.ts";
import { type Metadata, type WorkloadObject, workloadObject } from "./objects.ts";
import {
  APART_MS,
  beginning,
  type ChangeNotes,
  earlyMs,
  isAboutToBegin,
  type WantedRollout,
  wantedRollout,
  withoutRefused,
} from "./rolled-out.ts";
import type { ObjectPath } from "./rules.ts";
import { isMarked, pathIn, readWorkloads, type SeenWorkload, WORKLOADS_AT_ONCE } from "./workloads.ts";

/** The object that holds a value, as it was written, and the workloads that are to pick it up, as they were read. */
export interface Begun<Object extends { readonly metadata: Metadata }> {
  readonly written: Object;
  readonly seen: readonly SeenWorkload[];
}

/** Writes the object that holds the value. @param change what becomes of what it notes of rollouts */
export type WriteNotes<Object> = (seen: readonly SeenWorkload[], change: ChangeNotes) => Promise<Object>;

const TRIES = 6;
const PAUSE_MS = 200;

/** What was answered to the mark is what is stored: where that lacks it, something in the way of each write takes it off. */
const checkMarked = (workload: Workload, object: WorkloadObject | undefined, mark: Mark): void => {
  if (!object || isMarked(object, mark)) return;
  throw new TargetError(
    "REPLACED",
    `${workloadText(workload)} loses the annotation ${mark.annotation} of its pod template as soon as it is put there, so that its pods are never told of this value: have the admission policy or webhook that takes it off leave it; the next pass rolls the value out then`,
  );
};

/**
 * Marks a workload's pod template with the value's stamp, which makes its controller replace the pods, once, and only where that is
 * noted. The change is put with the resourceVersion that was read, so that it is never made over a later one. Returns the workload as
 * it then is.
 */
const restartOne = async (
  context: TargetContext,
  target: KubernetesPlace,
  { workload, object: seen }: SeenWorkload,
  { mark, notes }: WantedRollout,
): Promise<SeenWorkload> => {
  const path = pathIn(target, workload);
  let object = seen;
  for (let tries = 1; ; tries++) {
    if (!object || isMarked(object, mark) || !isAboutToBegin(notes, { workload, object })) return { workload, object };
    await context.confirm(undefined);
    const { resourceVersion } = object.metadata;
    const patch = {
      metadata: { resourceVersion },
      spec: { template: { metadata: { annotations: { [mark.annotation]: mark.stamp } } } },
    };
    try {
      const after = await context.api.merge(workloadObject, path, patch);
      checkMarked(workload, after, mark);
      return { workload, object: after };
    } catch (error) {
      if (!(error instanceof TargetError && error.code === "CHANGED" && tries < TRIES)) throw error;
      await context.clock.sleep(PAUSE_MS * tries);
      object = await context.api.get(workloadObject, path);
    }
  }
};

/** Waits for a second rollout that would come too early, and then notes that it begins. */
const whenItIsTime = async <Object extends { readonly metadata: Metadata }>(
  { api, clock, remainingMs }: TargetContext,
  target: KubernetesPlace,
  holder: ObjectPath,
  begun: Begun<Object>,
  write: WriteNotes<Object>,
): Promise<Begun<Object>> => {
  const { written, seen } = begun;
  const wanted = wantedRollout(holder, written.metadata, target.name);
  const waitMs = earlyMs(wanted, seen, clock.now());
  if (waitMs <= 0 || remainingMs() < 2 * APART_MS) return begun;
  await clock.sleep(waitMs);
  const fresh = await readWorkloads(api, target);
  // It was waited for long enough, whatever the function's clock says of the API server's.
  const change = beginning(fresh, wanted.mark.annotation, Number.POSITIVE_INFINITY);
  return { seen: fresh, written: await write(fresh, change) };
};

/**
 * Has all declared workloads pick up a value. One that cannot be changed does not hold up the others.
 * @param holder the object that holds the value
 * @param begun with the notes of what is to begin, and the workloads as they were read before
 * @returns the same, as they then are
 * @throws the first error
 */
export const rollOut = async <Object extends { readonly metadata: Metadata }>(
  context: TargetContext,
  target: KubernetesPlace,
  holder: ObjectPath,
  begun: Begun<Object>,
  write: WriteNotes<Object>,
): Promise<Begun<Object>> => {
  const { written, seen } = await whenItIsTime(context, target, holder, begun, write);
  const wanted = wantedRollout(holder, written.metadata, target.name);
  const errors: unknown[] = [];
  const refused: Workload[] = [];
  const after = await inParallel(seen, WORKLOADS_AT_ONCE, (one) =>
    restartOne(context, target, one, wanted).catch((error: unknown) => {
      errors.push(error);
      refused.push(one.workload);
      return one;
    }),
  );
  if (errors.length === 0) return { written, seen: after };
  // A note that cannot be taken back counts as a rollout: better one too few than one too many.
  await write(seen, withoutRefused(refused)).catch((error: unknown) => void errors.push(error));
  throw errors[0];
};
