import { seededRandom } from "../../sandbox/vendors/random-source.ts";
import { drawOne } from "../family.ts";
import type { TwistKind } from "../twist.ts";

/** How many calls of a life are slow, and among how many of its first ones. */
const SLOW_CALLS = 3;
const AMONG = 40;

/** From what nobody notices to longer than the longest run of a function. */
const DELAYS_MS = [2_000, 20_000, 70_000, 130_000, 310_000] as const;

/** @throws Error that says what it takes */
const drawnFrom = (argument: string): ReadonlyMap<number, number> => {
  if (!/^\d{1,9}$/.test(argument)) throw new Error(`"${argument}" is no seed of slow calls; one is such as slow=77`);
  const random = seededRandom(Number(argument));
  const drawn = new Map<number, number>();
  while (drawn.size < SLOW_CALLS) drawn.set(1 + Math.floor(random() * AMONG), drawOne(DELAYS_MS, random));
  return drawn;
};

export const slowText = (seed: number): string => `slow=${seed}`;

/**
 * Some calls take long until they reach the other side, a seed says which: meanwhile all else goes on, and a run may come to the end
 * of its time.
 */
export const slow: TwistKind = (argument) => {
  const delaysMs = drawnFrom(argument);
  const toCome = new Set(delaysMs.keys());
  return {
    async beforeEffect({ number }, { stage }) {
      const delayMs = delaysMs.get(number);
      if (delayMs === undefined) return;
      stage.trace.tell(`SLOW #${number}: it takes ${delayMs / 1_000} s`);
      await stage.clock.sleep(delayMs);
      toCome.delete(number);
    },
    isOver: () => toCome.size === 0,
  };
};
