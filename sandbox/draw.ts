import { createHash } from "node:crypto";
import { seededRandom } from "./vendors/random-source.ts";

/** What is drawn, the same for the same seed in the same order. */
export interface Draw {
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  /** One of them; undefined when there is none. */
  oneOf<Item>(items: readonly Item[]): Item | undefined;
}

/**
 * A source of its own for each purpose, so that what is drawn for one does not depend on how often another drew.
 * @param purpose such as "kills"
 */
export const drawFor = (seed: number, purpose: string): Draw => {
  const random = seededRandom(createHash("sha256").update(`${seed} ${purpose}`).digest().readUInt32LE());
  return {
    between: (from, to) => from + Math.floor(random() * (to - from + 1)),
    oneOf: (items) => items[Math.floor(random() * items.length)],
  };
};
