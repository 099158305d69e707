import { randomInt } from "node:crypto";

/** A source of numbers from 0 (included) to 1 (excluded), as `Math.random` is one. */
export type RandomSource = () => number;

const STEPS = 2 ** 32;
const HEXADECIMAL = "0123456789abcdef";
const UUID_VARIANTS = "89ab";

/** Unpredictable: what a simulator uses when it is given no source. */
export const cryptoRandom: RandomSource = () => randomInt(STEPS) / STEPS;

/** The same numbers in the same order for the same seed (mulberry32), so that a run can be repeated to the letter. */
export const seededRandom = (seed: number): RandomSource => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / STEPS;
  };
};

/** `length` characters, each one of `alphabet`. */
export const randomText = (random: RandomSource, alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet.charAt(Math.floor(random() * alphabet.length))).join("");

/** `byteCount` bytes in standard base64, with its `+`, `/` and `=`. */
export const randomBase64 = (random: RandomSource, byteCount: number): string =>
  Buffer.from(Array.from({ length: byteCount }, () => Math.floor(random() * 256))).toString("base64");

/** A version 4 UUID in lower case. */
export const randomUuid = (random: RandomSource): string => {
  const hexadecimal = (length: number) => randomText(random, HEXADECIMAL, length);
  const variant = randomText(random, UUID_VARIANTS, 1);
  return `${hexadecimal(8)}-${hexadecimal(4)}-4${hexadecimal(3)}-${variant}${hexadecimal(3)}-${hexadecimal(12)}`;
};
