import type { Effect } from "./effect.ts";

/** The effects of one chapter at one vendor, as a life had them in which nobody was killed. */
export interface Recorded {
  readonly chapter: string;
  readonly vendor: string;
  /** What else happened in it, as texts; mostly nothing. */
  readonly twists: readonly string[];
  readonly effects: readonly Effect[];
}

/** A look at targets: it changes nothing, and whoever asked for it waits for the answer. */
const isLook = (run: readonly Effect[]): boolean =>
  run.every(({ by, task, changes }) => by === "distribute" && task === "observe" && !changes);

/**
 * What a target brings with it: all that `distribute` does, its invocations, and what reconcile does on its word. All else that happens in
 * the life of a key with a target happens in one without it, too.
 */
const isOfTarget = ({ by, name, changes }: Effect): boolean =>
  by === "distribute" || name.startsWith("Invoke distribute") || (by === "reconcile" && changes);

const askedIn = (run: readonly Effect[]): string => run.map(({ name }) => name).join("\n");

/**
 * The effects at which to kill. Of passes of reconcile that asked the same and changed nothing, one after the other with
 * nothing between them, the first stands for all: they see the same world. So does the first of looks at targets that ask the
 * same: the others are only lost, as they are when whoever asked is killed. In the life of a key with a target only what the
 * target brings with it is killed.
 */
export const effectsToKillAt = (effects: readonly Effect[]): readonly Effect[] => {
  const byRun = new Map<number, Effect[]>();
  for (const effect of effects) byRun.set(effect.invocation, [...(byRun.get(effect.invocation) ?? []), effect]);
  let last = "";
  const looks = new Set<string>();
  const kept = [...byRun.values()].flatMap((run) => {
    const asked = askedIn(run);
    if (isLook(run)) {
      const isNew = !looks.has(asked);
      looks.add(asked);
      return isNew ? run : [];
    }
    const isIdle = run.every(({ by, changes }) => by === "reconcile" && !changes);
    const isRepeated = isIdle && asked === last;
    last = isIdle ? asked : "";
    return isRepeated ? [] : run;
  });
  return effects.some(({ by }) => by === "distribute") ? kept.filter(isOfTarget) : kept;
};
