import { placesOf } from "../beside/places.ts";
import type { Recorded } from "../effects/recorded.ts";
import { drawOne, type Family } from "../family.ts";
import { TROUBLES, type TroubleName } from "../other-connection/trouble.ts";
import { VENDOR_NAMES } from "../stage/vendors.ts";
import { type Move, moveText, WHERE } from "./moved.ts";

/** Where a key is that moves: replaced by schedule, renamed, compromised, and with a target. */
const CHAPTERS: ReadonlySet<string> = new Set([
  "rotation",
  "rename",
  "compromise",
  "compromise-first",
  "distributed-rotation",
]);

const WHILE_IT_MOVES = (Object.keys(TROUBLES) as TroubleName[]).filter((name) => name !== "fails-to-revoke");

type Way = Omit<Move, "at">;

const WAYS: readonly Way[] = VENDOR_NAMES.flatMap((vendor) =>
  WHILE_IT_MOVES.flatMap((trouble) =>
    WHERE.flatMap((where) => [false, true].map((isBack) => ({ vendor, trouble, where, isBack }))),
  ),
);

const anywhere = { what: "", fits: () => true, act: async () => {} };

const placesIn = (recorded: Recorded): readonly number[] =>
  CHAPTERS.has(recorded.chapter) ? placesOf(recorded, anywhere).map(({ number }) => number) : [];

/** The key moves between two connections, one of which is in trouble: each way once, each at another moment. */
export const moves: Family = {
  name: "moves",
  what: "the key moves to another connection, and back, while one of the two is in trouble",
  inFull(recorded) {
    const { chapter, vendor, twists } = recorded;
    const places = placesIn(recorded);
    const step = places.length / WAYS.length;
    return places.length === 0
      ? []
      : WAYS.map((way, index) => {
          // Neighbouring ways are far from each other, so that no way has the early moments for itself.
          const at = places[Math.floor(((index * 7) % WAYS.length) * step)] ?? 1;
          return { chapter, vendor, twists: [...twists, moveText({ ...way, at })] };
        });
  },
  draw(recorded, random) {
    const places = placesIn(recorded);
    if (places.length === 0) return undefined;
    return { twist: moveText({ ...drawOne(WAYS, random), at: drawOne(places, random) }) };
  },
};
