import type { Recorded } from "../effects/recorded.ts";
import { drawOne, type Family } from "../family.ts";
import type { LifeName } from "../life-name.ts";
import { orderText } from "../order/order.ts";
import { slowText } from "../order/slow.ts";
import type { Act } from "./act.ts";
import { ACTS } from "./acts.ts";
import { besideText } from "./beside.ts";
import { anyPlaceOf, placesOf } from "./places.ts";

/** A second seed for the same place. */
const ANOTHER = 1_000;

/**
 * The orders in which a run meets those that are there; nothing: as is asked for. Each place has seeds of its own, and where it matters
 * most, slow calls, which make runs of one moment meet later ones. A person's hand is one call: nothing of it can be interleaved.
 */
const ordersOf = ({ runs, places }: Act, number: number): readonly (string | undefined)[] => {
  if (!runs) return [undefined];
  if (places === "few") return [undefined, orderText(number)];
  return [undefined, orderText(number), orderText(ANOTHER + number), slowText(number)];
};

const livesBeside = ({ chapter, vendor, twists, effects }: Recorded, word: string): readonly LifeName[] => {
  const act = ACTS[word];
  if (!act) return [];
  return placesOf({ chapter, vendor, twists, effects }, act).flatMap(({ number }) =>
    ordersOf(act, number).map((order) => ({
      chapter,
      vendor,
      twists: [...twists, besideText(word, number), ...(order === undefined ? [] : [order])],
    })),
  );
};

/** Something else happens at the same time: another run of the functions, a person, a deploy, a neighbour. */
export const besides: Family = {
  name: "interleavings",
  what: "something else happens beside an effect, in several orders",
  inFull: (recorded) => Object.keys(ACTS).flatMap((word) => livesBeside(recorded, word)),
  draw(recorded, random) {
    const fitting = Object.entries(ACTS).flatMap(([word, act]) => {
      const places = anyPlaceOf(recorded, act);
      return places.length > 0 ? [{ word, places }] : [];
    });
    if (fitting.length === 0) return undefined;
    const { word, places } = drawOne(fitting, random);
    return { twist: besideText(word, drawOne(places, random).number) };
  },
};
