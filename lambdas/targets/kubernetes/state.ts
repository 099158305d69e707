import type { TargetState } from "../target.ts";

/** A state whose adoption is not older than the value itself. */
export const onlyAdopted = (state: TargetState, writtenMs: number): TargetState =>
  state.adopted ? { ...state, sinceMs: Math.max(writtenMs, state.sinceMs ?? 0) } : state;

/** A state, and what is besides to be done or known. */
export const joined = (state: TargetState, also: Pick<TargetState, "behind" | "note">): TargetState => ({
  ...state,
  ...also,
  ...(state.behind || also.behind ? { behind: true } : {}),
});
