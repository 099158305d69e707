import type { Random } from "./random-ids.ts";
import { invalidParameter } from "./service-error.ts";

/*
 * Written from GetRandomPassword's page (defaults, types of characters) and from measured refusals: a type that has to be
 * there and has no character left, a length below the number of such types, nothing left at all. A space is never required.
 */

export interface PasswordRules {
  readonly length: number;
  readonly excludedCharacters: string;
  /** Whether a type of characters takes part. */
  readonly includes: Readonly<Record<CharacterType, boolean>>;
  readonly includesSpace: boolean;
  readonly requiresEachType: boolean;
}

const CHARACTERS = {
  uppercase: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  lowercase: "abcdefghijklmnopqrstuvwxyz",
  numbers: "0123456789",
  punctuation: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
};

export type CharacterType = keyof typeof CHARACTERS;

const TYPES = Object.keys(CHARACTERS) as CharacterType[];

/**
 * Makes a random password.
 * @throws InvalidParameterException when the rules leave nothing to choose from, or leave no room for every required type
 */
export function randomPassword(rules: PasswordRules, random: Random): string {
  const left = (characters: string) =>
    [...characters].filter((character) => !rules.excludedCharacters.includes(character));
  const types = TYPES.filter((type) => rules.includes[type]).map((type) => left(CHARACTERS[type]));
  const required = rules.requiresEachType ? types : [];
  if (required.some((type) => type.length === 0)) {
    throw invalidParameter("All characters of the desired type have been excluded");
  }
  const pool = [...types.flat(), ...(rules.includesSpace ? left(" ") : [])];
  if (pool.length === 0) throw invalidParameter("All characters have been excluded from selection");
  if (required.length > rules.length) {
    throw invalidParameter("Password length is too short based on the required types.");
  }
  const free = Array.from({ length: rules.length - required.length }, () => oneOf(pool, random));
  return shuffled([...required.map((type) => oneOf(type, random)), ...free], random).join("");
}

const oneOf = (characters: readonly string[], random: Random): string =>
  characters[Math.floor(random() * characters.length)] ?? "";

function shuffled(characters: readonly string[], random: Random): string[] {
  return characters
    .map((character) => ({ character, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ character }) => character);
}
