import type { Effect } from "./effect.ts";

/** The effects of one chapter at one vendor, as a life had them in which nobody was killed. */
export interface Recorded {
  readonly chapter: string;
  readonly vendor: string;
  /** What else happened in it, as texts; mostly nothing. */
  readonly twists: readonly string[];
  readonly effects: readonly Effect[];
}

/**
 * The effects at which to kill. Of passes of reconcile that asked the same and changed nothing, one after the other with
 * nothing between them, the first stands for all: they see the same world.
 */
export const effectsToKillAt = (effects: readonly Effect[]): readonly Effect[] => {
  const byRun = new Map<number, Effect[]>();
  for (const effect of effects) byRun.set(effect.invocation, [...(byRun.get(effect.invocation) ?? []), effect]);
  let last = "";
  return [...byRun.values()].flatMap((run) => {
    const isIdle = run.every(({ by, changes }) => by === "reconcile" && !changes);
    const asked = isIdle ? run.map(({ name }) => name).join("\n") : "";
    const isRepeated = isIdle && asked === last;
    last = asked;
    return isRepeated ? [] : run;
  });
};
