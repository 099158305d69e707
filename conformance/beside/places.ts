import type { Effect } from "../effects/effect.ts";
import { effectsToKillAt, type Recorded } from "../effects/recorded.ts";
import type { Act } from "./act.ts";

/** What was asked for last in the same run, if anything was. */
const before = (effects: readonly Effect[], { number, invocation }: Effect): Effect | undefined =>
  effects.findLast((other) => other.number < number && other.invocation === invocation);

/** A run's first effect, what changes something, and what comes right after: there a run decides on what it saw before. */
const isTelling = (effects: readonly Effect[], effect: Effect): boolean => {
  const last = before(effects, effect);
  return effect.changes || last === undefined || last.changes;
};

const LOOKING_PASSES = 2;

/** The beginnings of the first passes of reconcile that look at targets: what is there then is what they bring to them. */
const beginningsOfLooks = (effects: readonly Effect[]): readonly Effect[] => {
  const asking = effects.filter(({ by, name }) => by === "reconcile" && name.startsWith("Invoke distribute"));
  const passes = [...new Set(asking.map(({ invocation }) => invocation))].slice(0, LOOKING_PASSES);
  return passes.flatMap((pass) => effects.find(({ invocation }) => invocation === pass) ?? []);
};

/** The effects beside which an act happens in full. */
export const placesOf = (recorded: Recorded, act: Act): readonly Effect[] => {
  const { effects } = recorded;
  const kept = effectsToKillAt(effects);
  const [first, last] = [kept[0], kept.at(-1)];
  // What a target brings with it happens at few effects, and takes long.
  const isFew = act.places === "few" || effects.some(({ by }) => by === "distribute");
  const isMeant = (effect: Effect): boolean =>
    isFew ? effect.changes || effect === first || effect === last : isTelling(effects, effect);
  return [...new Set([...kept.filter(isMeant), ...beginningsOfLooks(effects)])]
    .filter((effect) => act.fits(recorded, effect))
    .sort((a, b) => a.number - b.number);
};

/** The effects beside which an act may happen at all. */
export const anyPlaceOf = (recorded: Recorded, act: Act): readonly Effect[] =>
  effectsToKillAt(recorded.effects).filter((effect) => act.fits(recorded, effect));
