import { type KubernetesPlace, workloadText } from "../../contracts/targets.ts";
import { envFromText } from "../../contracts/variable-name.ts";
import type { TargetState } from "../target.ts";
import { type SeenWorkload, workloadsMisnaming } from "./workloads.ts";

/** A state whose adoption is not older than the value itself. */
export const onlyAdopted = (state: TargetState, writtenMs: number): TargetState =>
  state.adopted ? { ...state, sinceMs: Math.max(writtenMs, state.sinceMs ?? 0) } : state;

/** A state, and what is besides to be done or known. */
export const joined = (state: TargetState, also: Pick<TargetState, "behind" | "note">): TargetState => ({
  ...state,
  ...also,
  ...(state.behind || also.behind ? { behind: true } : {}),
});

/** The same, and something more that somebody should know. */
export const withNote = <State extends Pick<TargetState, "note">>(state: State, note: string): State => ({
  ...state,
  note: state.note === undefined ? note : `${state.note}; ${note}`,
});

/** The same, and what somebody should know of how its workloads read it. */
export const withReadingNote = (
  state: Pick<TargetState, "behind" | "note">,
  target: KubernetesPlace,
  seen: readonly SeenWorkload[],
): Pick<TargetState, "behind" | "note"> => {
  const misnaming = workloadsMisnaming(seen, target).map(workloadText);
  if (misnaming.length === 0) return state;
  return withNote(state, `${misnaming.join(", ")}: ${envFromText(target.dataKey)}`);
};
