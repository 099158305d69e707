import type { Effect } from "../effects/effect.ts";
import type { Recorded } from "../effects/recorded.ts";
import type { Life } from "../stage/life.ts";
import type { VendorVariant } from "../stage/vendors.ts";

/** Something that happens beside an effect of a life. */
export interface Act {
  /** What happens, in words. */
  readonly what: string;
  /** Slots of the vendor's plan that it takes besides. @default 0 */
  readonly moreSlots?: number;
  /** What the vendor is like so that it can happen. @default as by its documents */
  readonly variant?: VendorVariant;
  /** It makes runs of the functions, which meet those that are there in one order or another. @default false */
  readonly runs?: boolean;
  /** Beside which effects it happens in full. @default the telling ones */
  readonly places?: "telling" | "few";
  /** Whether it has a meaning before that effect of a life that nothing else happens to. */
  fits(recorded: Recorded, effect: Effect): boolean;
  /** Told when the chapter begins, for what is to be there before. */
  begin?(life: Life): Promise<void> | void;
  /**
   * Does it, and what belongs to it, such as setting right later what was done by mistake.
   * @param at the effect that is about to be made
   * @throws Error when the life did not go as it must, besides the witness's promises
   */
  act(life: Life, at: Effect): Promise<void>;
}

/** Tries a call of AWS once, as a person does. @returns whether AWS did it */
export const tryOnce = async ({ stage }: Life, operation: string, input: object): Promise<boolean> => {
  try {
    stage.trace.tell(`a person calls ${operation}`);
    await stage.aws(operation, input);
    return true;
  } catch (error) {
    stage.trace.tell(`      it is refused: ${error instanceof Error ? error.name : "unknown"}`);
    return false;
  }
};

export const always = (): boolean => true;

/** What happens in a chapter is the same with a target. */
const plain = ({ chapter }: Recorded): string => chapter.replace(/^distributed-/, "");

/** Acts that only have a meaning in some chapters. */
export const inChapters =
  (...names: readonly string[]) =>
  (recorded: Recorded): boolean =>
    names.includes(plain(recorded));

/** In any chapter but these. */
export const notIn =
  (...names: readonly string[]) =>
  (recorded: Recorded): boolean =>
    !names.includes(plain(recorded));

/** There is a key already: only in the first chapter there is none at first. */
export const hasKey = (recorded: Recorded, effect: Effect): boolean =>
  notIn("first-key")(recorded) || isAfter(recorded, effect, "PutSecretValue");

/** Whether an effect of that name was made before, in the life that nothing else happens to. */
export const isAfter = ({ effects }: Recorded, { number }: Effect, name: string): boolean =>
  effects.some((earlier) => earlier.number < number && earlier.name === name);
