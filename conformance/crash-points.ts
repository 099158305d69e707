import { type CrashPoint, MODULES, MOMENTS, RETRIES } from "./crash-point.ts";
import type { Effect } from "./effect.ts";

/** The effects of one chapter at one vendor, as a life that nobody killed had them. */
export interface Recorded {
  readonly chapter: string;
  readonly vendor: string;
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

/** Every crash point of a recorded life. */
export const crashPoints = ({ chapter, vendor, effects }: Recorded): readonly CrashPoint[] =>
  effectsToKillAt(effects).flatMap(({ number: effect }) =>
    MOMENTS.flatMap((moment) =>
      MODULES.flatMap((module) => RETRIES.map((retry) => ({ chapter, vendor, effect, moment, module, retry }))),
    ),
  );
