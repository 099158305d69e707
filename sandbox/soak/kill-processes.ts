import type { Draw } from "../draw.ts";
import { KILL_EVERY_MS, KILL_PASS_EVERY_MS } from "./delays.ts";
import type { FunctionProcess, SoakStage } from "./stage.ts";

/** When a process is killed: soon after a step or a pass has begun, so that it is hit at work, or whenever. */
export type Moment = "createSecret" | "testSecret" | "finishSecret" | "reconcile" | "any time";

/** What kills are drawn from. */
export interface KillPlan {
  readonly everyMs: { readonly from: number; readonly to: number };
  /** Each as often as it is to be drawn. */
  readonly moments: readonly Moment[];
}

/** createSecret and finishSecret have the most to lose. */
export const STEPS_AND_ANY_TIME: KillPlan = {
  everyMs: KILL_EVERY_MS,
  moments: [
    "createSecret",
    "createSecret",
    "createSecret",
    "testSecret",
    "finishSecret",
    "finishSecret",
    "finishSecret",
    "any time",
  ],
};

export const PASSES: KillPlan = { everyMs: KILL_PASS_EVERY_MS, moments: ["reconcile"] };

/** About as long as each takes in a process that is warm. */
const LASTS_MS: Readonly<Record<Moment, number>> = {
  createSecret: 100,
  testSecret: 3_000,
  finishSecret: 60,
  reconcile: 1_000,
  "any time": 0,
};

export interface Kill {
  /** From the last kill until this one is prepared. */
  readonly afterMs: number;
  readonly moment: Moment;
  /** From the moment's beginning until the kill. */
  readonly delayMs: number;
  /** One process, or all of the function, as when the machine that they run on is lost. */
  readonly scope: "one" | "all";
}

export const drawKill = (draw: Draw, { everyMs, moments }: KillPlan): Kill => {
  const afterMs = draw.between(everyMs.from, everyMs.to);
  const moment = draw.oneOf(moments) ?? "any time";
  const delayMs = draw.between(0, LASTS_MS[moment]);
  return { afterMs, moment, delayMs, scope: moment === "any time" || draw.between(0, 1) === 0 ? "one" : "all" };
};

const isOf = (moment: Moment, { role }: FunctionProcess): boolean =>
  moment === "any time" || role === (moment === "reconcile" ? "reconcile" : "rotate");

/** What a kill hits of the processes that there are. */
export const victims = (
  { moment, scope }: Kill,
  processes: readonly FunctionProcess[],
  draw: Draw,
): readonly FunctionProcess[] => {
  const there = processes.filter((one) => isOf(moment, one));
  const chosen = draw.oneOf(there);
  return scope === "all" || !chosen ? there : [chosen];
};

/** Told of the beginning of every step, and of a pass. */
interface Moments {
  /** Resolves when such a moment begins, or when it is told to stop. */
  next(moment: Moment, signal: AbortSignal): Promise<void>;
}

const LOOK_MS = 50;

const watchMoments = (stage: SoakStage): Moments => {
  const begun = new Map<string, number>();
  stage.listen({ onStart: ({ step }) => void begun.set(step, (begun.get(step) ?? 0) + 1), onEnd: () => {} });
  const count = (moment: Moment): number => (moment === "reconcile" ? stage.passes() : (begun.get(moment) ?? 0));
  return {
    async next(moment, signal) {
      if (moment === "any time") return;
      for (const before = count(moment); count(moment) === before && !signal.aborted; )
        await stage.clock.sleep(LOOK_MS, signal);
    },
  };
};

/** Kills processes again and again until it is told to stop. @param onKill told of each process that was killed */
export const killProcesses = async (
  stage: SoakStage,
  draw: Draw,
  plan: KillPlan,
  onKill: (killed: FunctionProcess) => void,
  signal: AbortSignal,
): Promise<void> => {
  const begun = watchMoments(stage);
  for (;;) {
    const kill = drawKill(draw, plan);
    await stage.clock.sleep(kill.afterMs, signal);
    await begun.next(kill.moment, signal);
    await stage.clock.sleep(kill.delayMs, signal);
    if (signal.aborted) return;
    for (const one of victims(kill, await stage.processes(), draw)) if (stage.kill(one)) onKill(one);
  }
};
