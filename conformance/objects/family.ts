import { seededRandom } from "../../sandbox/vendors/random-source.ts";
import { placesOf } from "../beside/places.ts";
import type { Recorded } from "../effects/recorded.ts";
import { drawOne, type Family } from "../family.ts";
import { MOMENTS as DEATH_MOMENTS, MODULES, RETRIES } from "../kills/crash-point.ts";
import type { LifeName } from "../life-name.ts";
import type { Life } from "../stage/life.ts";
import { DAY_MS, LOOKS_TO_REST } from "../stage/settings.ts";
import type { TwistKind } from "../twist.ts";
import { NEEDS_TIME, OBJECT_ACTS } from "./act.ts";
import { judgeClaims, makeObject } from "./objects.ts";

const textOf = (act: string, at: number): string => `object=${act}@${at}`;

/** Each object that is made beside another one is a rotation, and what it replaces retires. */
const LOOKS_OF_OBJECTS = 3 * LOOKS_TO_REST;
/** Generations that overlap because objects were made one after the other. */
const MORE_SLOTS = 3;

/** The latest second death, in effects after the first: a replacement asks for some hundred. */
const LATEST_AGAIN = 120;

const TURNS_AHEAD = 2;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const ARGUMENT = /^([a-z-]+)@([1-9]\d*)$/;

/**
 * `object=<act>@<effect>`: when that effect is about to be made, an object of Terraform's takes the key, and then is replaced, renamed, or shared
 * with another state.
 */
export const objectTwist: TwistKind = (argument) => {
  const [, word = "", number] = ARGUMENT.exec(argument) ?? [];
  const act = OBJECT_ACTS[word];
  if (!act)
    throw new Error(
      `"${argument}" is nothing that happens to an object; write object=<act>@<effect> with ${Object.keys(OBJECT_ACTS).join(", ")}`,
    );
  let state: "to come" | "under way" | "over" = "to come";
  let failure: string | undefined;
  const run = async (life: Life): Promise<void> => {
    try {
      await judgeClaims(life, [await act(life, await makeObject(life))]);
    } catch (error) {
      failure = `${argument}: ${error instanceof Error ? error.message : error}`;
      life.stage.trace.tell(failure);
    }
    state = "over";
  };
  return {
    moreSlots: MORE_SLOTS,
    looksToRest: LOOKS_TO_REST + LOOKS_OF_OBJECTS,
    longestLifeMs: DAY_MS,
    async beforeEffect({ number: at }, life) {
      if (at !== Number(number) || state !== "to come") return;
      state = "under way";
      life.stage.trace.tell(`BESIDE #${at}: an object takes the key, and then: ${word}`);
      void run(life);
      for (let turn = 0; turn < TURNS_AHEAD; turn++) await nextTurn();
    },
    isOver: () => state === "over",
    failure: () => failure ?? (state === "over" ? undefined : `${argument} is ${state} when the life ends`),
  };
};

/** Where the key goes on: in the others a person ends it, or revokes it at once. */
const CHAPTERS: ReadonlySet<string> = new Set([
  "rotation",
  "rename",
  "role-change",
  "compromise",
  "distributed-rotation",
]);

const anywhere = { what: "", fits: () => true, act: async () => {} };

const placesIn = (recorded: Recorded): readonly number[] =>
  CHAPTERS.has(recorded.chapter) ? placesOf(recorded, anywhere).map(({ number }) => number) : [];

/** Moments of a chapter at which each act is played in any case. */
const MOMENTS = 6;

/** How many lives of each act die, at drawn places. */
const DEATHS = 6;

type Named = Pick<LifeName, "chapter" | "vendor" | "twists">;

const calmLives = ({ chapter, vendor, twists }: Named, places: readonly number[]): readonly LifeName[] => {
  const step = Math.max(1, places.length / MOMENTS);
  return Object.keys(OBJECT_ACTS).flatMap((act, index) =>
    Array.from({ length: Math.min(MOMENTS, places.length) }, (_, n) => {
      const at = places[(Math.floor(n * step) + index) % places.length] ?? 1;
      return { chapter, vendor, twists: [...twists, textOf(act, at)] };
    }),
  );
};

/**
 * A function dies right before the object takes the key, and one again among the calls that it asks for. Places are drawn, the same ones in
 * each run.
 */
const deadlyLives = ({ chapter, vendor, twists }: Named, places: readonly number[]): readonly LifeName[] => {
  const random = seededRandom(1);
  const acts = Object.keys(OBJECT_ACTS).filter((act) => !NEEDS_TIME.has(act));
  return acts.flatMap((act) =>
    Array.from({ length: DEATHS }, () => {
      const effect = drawOne(places, random);
      const [moment, module, retry] = [
        drawOne(DEATH_MOMENTS, random),
        drawOne(MODULES, random),
        drawOne(RETRIES, random),
      ];
      const point = { chapter, vendor, effect, moment, module, retry, again: 1 + Math.floor(random() * LATEST_AGAIN) };
      return { chapter, vendor, twists: [...twists, textOf(act, effect + 1)], point };
    }),
  );
};

/** Objects of Terraform's are replaced, renamed, tainted, shared and destroyed: the key ends with the last of them, and none of it is an outage. */
export const objects: Family = {
  name: "objects",
  what: "Terraform replaces, renames and shares the object that has the key",
  inFull(recorded) {
    const places = placesIn(recorded);
    return places.length === 0 ? [] : [...calmLives(recorded, places), ...deadlyLives(recorded, places)];
  },
  /** What else is drawn may keep objects from being made at all, or have the key elsewhere. */
  draw: () => undefined,
};
