import { seededRandom } from "../sandbox/vendors/random-source.ts";
import { effectText } from "./effects/effect.ts";
import type { Recorded } from "./effects/recorded.ts";
import { drawLife, FAMILIES } from "./families.ts";
import { kills } from "./kills/family.ts";
import type { LifeName } from "./life-name.ts";

/** A life to play, and what it is played for. */
export interface PlannedLife extends LifeName {
  /** The name of its family, or what else it comes from. */
  readonly family: string;
  /** What is at its crash point: the life must come to that very effect. */
  readonly expected?: string;
}

/** What is played besides that of one family. */
export const PAIRS = { name: "pairs", what: "two of these at once, drawn" };
export const KILLS_ELSEWHERE = {
  name: "crash points under settings",
  what: "each crash point, under combined settings",
};

const planned = (family: string, recorded: Recorded, life: LifeName): PlannedLife => {
  const effect = recorded.effects.find(({ number }) => number === life.point?.effect);
  return { ...life, family, ...(effect ? { expected: effectText(effect) } : {}) };
};

/** Every life that each family plays in any case; under another setting than the default, the crash points alone. */
export const livesInFull = (recorded: readonly Recorded[]): readonly PlannedLife[] =>
  recorded.flatMap((of) =>
    of.twists.length === 0
      ? FAMILIES.flatMap((family) => family.inFull(of).map((life) => planned(family.name, of, life)))
      : kills.inFull(of).map((life) => planned(KILLS_ELSEWHERE.name, of, life)),
  );

export interface Amount {
  readonly seed: number;
  /** How many lives; fewer than there are in full: that many of them, drawn. @default those in full, and 1,000 pairs */
  readonly runs: number | undefined;
}

const PAIRS_BY_DEFAULT = 1_000;

const shuffled = <Of>(all: readonly Of[], random: () => number): readonly Of[] =>
  all
    .map((one) => ({ one, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one);

/** The lives to play: those in full, and drawn ones for the rest. Pure. */
export const livesToPlay = (
  inFull: readonly PlannedLife[],
  recorded: readonly Recorded[],
  { seed, runs = inFull.length + PAIRS_BY_DEFAULT }: Amount,
): readonly PlannedLife[] => {
  const random = seededRandom(seed);
  if (runs < inFull.length) return shuffled(inFull, random).slice(0, runs);
  const withoutTwists = recorded.filter(({ twists, effects }) => twists.length === 0 && effects.length > 0);
  const drawn = Array.from({ length: withoutTwists.length > 0 ? runs - inFull.length : 0 }, () => ({
    ...drawLife(withoutTwists, random),
    family: PAIRS.name,
  }));
  return [...inFull, ...drawn];
};
