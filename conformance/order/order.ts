import fc from "fast-check";
import { effectText } from "../effects/effect.ts";
import type { TwistKind } from "../twist.ts";

/** How many turns of the event loop everything else gets to come to its own next call, or to a wait on the clock. */
const TURNS_TO_GATHER = 3;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** @throws Error that says what it takes */
const schedulerOf = (argument: string): fc.Scheduler => {
  const [scheduler] = /^\d{1,9}$/.test(argument)
    ? fc.sample(fc.scheduler(), { seed: Number(argument), numRuns: 1 })
    : [];
  if (scheduler) return scheduler;
  throw new Error(`"${argument}" is no order; one is a seed, such as order=77`);
};

export const orderText = (seed: number): string => `order=${seed}`;

/**
 * Decides from a seed which of the calls that wait is made next: one at a time, when all else has come to its own next call.
 * Until none waits no time passes. Without it, calls are made as they are asked for.
 */
export const order: TwistKind = (argument) => {
  const scheduler = schedulerOf(argument);
  let isDeciding = false;

  const decide = async (): Promise<void> => {
    isDeciding = true;
    while (scheduler.count() > 0) {
      for (let turn = 0; turn < TURNS_TO_GATHER; turn++) await nextTurn();
      await scheduler.waitNext(1);
    }
    isDeciding = false;
  };

  return {
    begin: ({ stage }) => stage.clock.holdWhile(() => isDeciding),
    beforeEffect(effect) {
      const leave = scheduler.schedule(Promise.resolve(), effectText(effect));
      if (!isDeciding) void decide();
      return leave;
    },
  };
};
