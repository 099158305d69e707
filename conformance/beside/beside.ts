import type { Life } from "../stage/life.ts";
import type { Twist, TwistKind } from "../twist.ts";
import type { Act } from "./act.ts";
import { ACTS } from "./acts.ts";

/** Time of the event loop in which what begins gets as far as it can without the clock, before the effect goes on. */
const TURNS_AHEAD = 2;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Place {
  readonly act: Act;
  readonly at: number;
}

/** @throws Error that says what it takes */
const placeOf = (argument: string): Place => {
  const [word = "", number = ""] = argument.split("@");
  const act = ACTS[word];
  if (act && /^[1-9]\d*$/.test(number)) return { act, at: Number(number) };
  throw new Error(
    `"${argument}" is nothing that happens beside an effect; write beside=<what>@<effect>, such as beside=deploy@12, with ${Object.keys(ACTS).join(", ")}`,
  );
};

export const besideText = (word: string, effect: number): string => `beside=${word}@${effect}`;

/**
 * When the effect of that number is about to be made, something else happens at the same time: it goes as far as it can
 * without time passing, and the effect is made then. Which of both comes first from then on is a matter of the order.
 */
export const beside: TwistKind = (argument): Twist => {
  const { act, at } = placeOf(argument);
  let state: "to come" | "under way" | "over" = "to come";
  let failure: string | undefined;

  const play = async (life: Life, effect: Parameters<Act["act"]>[1]): Promise<void> => {
    try {
      await act.act(life, effect);
    } catch (error) {
      failure = `${argument}: ${error instanceof Error ? error.message : error}`;
      life.stage.trace.tell(failure);
    }
    state = "over";
  };

  return {
    moreSlots: act.moreSlots ?? 0,
    ...(act.variant ? { variant: act.variant } : {}),
    begin: (life) => act.begin?.(life),
    async beforeEffect(effect, life) {
      if (effect.number !== at) return;
      state = "under way";
      life.stage.trace.tell(`BESIDE #${at}: ${act.what}`);
      void play(life, effect);
      for (let turn = 0; turn < TURNS_AHEAD; turn++) await nextTurn();
    },
    isOver: () => state === "over",
    failure: () => failure ?? (state === "over" ? undefined : `${argument} is ${state} when the life ends`),
  };
};
