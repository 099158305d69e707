import { type KubernetesPlace, workloadText } from "../../contracts/targets.ts";
import type { TargetState, Versions } from "../target.ts";
import { oldKeyOf } from "./names.ts";
import type { SecretObject } from "./objects.ts";
import { holdersOf, holderText, isHeldByUs } from "./ownership.ts";
import { hasWantedOld, type SecretData } from "./wanted-data.ts";
import { type SeenWorkload, workloadsRequiring } from "./workloads.ts";

/** Whether a declared workload does not start without `_OLD`. */
export const isOldRequired = (target: KubernetesPlace, seen: readonly SeenWorkload[]): boolean =>
  workloadsRequiring(seen, target.name, oldKeyOf(target.dataKey)).length > 0;

/** `_OLD`, on which adoption does not depend: whether something is still to be done about it, or why it stays. */
export const oldKeyState = (
  live: SecretObject,
  target: KubernetesPlace,
  seen: readonly SeenWorkload[],
  versions: Versions,
  wanted: SecretData,
): Pick<TargetState, "behind" | "note"> => {
  const key = oldKeyOf(target.dataKey);
  if (!hasWantedOld(live.data, wanted, target.dataKey)) {
    if (wanted[key] !== undefined || isHeldByUs(live.metadata, ["data", key])) return { behind: true };
    return {
      note: `${key} stays, as somebody else put it there: ${holderText(holdersOf(live.metadata, [`.data.${key}`]))}`,
    };
  }
  const requiring = workloadsRequiring(seen, target.name, key).map(workloadText);
  if (requiring.length === 0 || versions.retiring !== undefined) return {};
  return {
    note: `${key} stays, with the current value, as ${requiring.join(", ")} requires it: mark the reference as optional`,
  };
};
