import type { Recorded } from "./effects/recorded.ts";
import type { LifeName } from "./life-name.ts";

/** Random numbers from 0 to below 1, the same ones for the same seed. */
export type Random = () => number;

/** What one draw adds to a life: a place to die, or a twist. */
export interface Drawn {
  readonly point?: LifeName["point"];
  readonly twist?: string;
}

/** One way of making lives harder, with all lives that it can make. */
export interface Family {
  /** One word, as the report has it. */
  readonly name: string;
  /** What happens in its lives, for the report. */
  readonly what: string;
  /** The lives that are played in any case, each of its own. */
  inFull(recorded: Recorded): readonly LifeName[];
  /** One more hardship for a life of this chapter and vendor, to be combined with those of other families; nothing: none fits. */
  draw(recorded: Recorded, random: Random): Drawn | undefined;
}

/** One of them, drawn. @throws Error when there is none */
export const drawOne = <Of>(all: readonly Of[], random: Random): Of => {
  const found = all[Math.floor(random() * all.length)];
  if (found === undefined) throw new Error("there is nothing to draw from");
  return found;
};
