import type { Effect } from "../effects/effect.ts";
import type { Life } from "../stage/life.ts";
import { type Act, always } from "./act.ts";
import { Neighbour } from "./neighbour.ts";

const neighbours = new WeakMap<Life, Neighbour>();

/** A neighbour has its key from the beginning, and rotates it beside the effect. */
const arrive = (life: Life): void => {
  const neighbour = new Neighbour(life);
  neighbours.set(life, neighbour);
  neighbour.moveIn();
};

const rotateNextDoor = async (life: Life, _: Effect): Promise<void> => {
  const neighbour = neighbours.get(life);
  if (!neighbour) throw new Error("there is no neighbour");
  await neighbour.rotate();
  neighbour.moveOut(life.witness.exceptions);
};

export const NEIGHBOURS = {
  neighbour: {
    places: "few",
    what: "another service of Keyturn in the same organization rotates a key of the same name",
    moreSlots: 2,
    fits: always,
    begin: arrive,
    act: rotateNextDoor,
  },
} as const satisfies Readonly<Record<string, Act>>;
