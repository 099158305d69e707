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
  readonly runs?: number;
  /** Instead of `runs`: so many lives of each family, or all that it has, and so many pairs. */
  readonly sample?: number;
}

const PAIRS_BY_DEFAULT = 1_000;

const shuffled = <Of>(all: readonly Of[], random: () => number): readonly Of[] =>
  all
    .map((one) => ({ one, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one);

/** Lives in a drawn order in which each stratum has its turn: none has two before another that has lives left has one. */
const inTurns = (
  lives: readonly PlannedLife[],
  stratumOf: (life: PlannedLife) => string,
  random: () => number,
): readonly PlannedLife[] => {
  const taken = new Map<string, number>();
  const withTurn = shuffled(lives, random).map((life) => {
    const turn = taken.get(stratumOf(life)) ?? 0;
    taken.set(stratumOf(life), turn + 1);
    return { life, turn };
  });
  return withTurn.sort((a, b) => a.turn - b.turn).map(({ life }) => life);
};

/** So many lives of each family, spread over the chapters and vendors. */
const sampleOf = (inFull: readonly PlannedLife[], ofEach: number, random: () => number): readonly PlannedLife[] => {
  const families = [...new Set(inFull.map(({ family }) => family))];
  return families.flatMap((name) => {
    const lives = inFull.filter(({ family }) => family === name);
    return inTurns(lives, ({ chapter, vendor }) => `${chapter}/${vendor}`, random).slice(0, ofEach);
  });
};

const drawnPairs = (recorded: readonly Recorded[], count: number, random: () => number): readonly PlannedLife[] => {
  const withoutTwists = recorded.filter(({ twists, effects }) => twists.length === 0 && effects.length > 0);
  if (withoutTwists.length === 0) return [];
  return Array.from({ length: count }, () => ({ ...drawLife(withoutTwists, random), family: PAIRS.name }));
};

/** The lives to play: those in full, and drawn ones for the rest; or a sample of each family. Pure. */
export const livesToPlay = (
  inFull: readonly PlannedLife[],
  recorded: readonly Recorded[],
  { seed, sample, runs = inFull.length + PAIRS_BY_DEFAULT }: Amount,
): readonly PlannedLife[] => {
  const random = seededRandom(seed);
  if (sample !== undefined) return [...sampleOf(inFull, sample, random), ...drawnPairs(recorded, sample, random)];
  if (runs < inFull.length) return shuffled(inFull, random).slice(0, runs);
  return [...inFull, ...drawnPairs(recorded, runs - inFull.length, random)];
};
