import { ORDERINGS } from "../orderings/orderings.ts";
import { CLAIM_MUTANTS } from "./claim-mutants.ts";
import { CLEANING_MUTANTS } from "./cleaning-mutants.ts";
import { EVIDENCE_MUTANTS } from "./evidence-mutants.ts";
import { LANE_MUTANTS } from "./lane-mutants.ts";
import { MINT_MUTANTS } from "./mint-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { ROTATION_MUTANTS } from "./rotation-mutants.ts";
import { TARGET_MUTANTS } from "./target-mutants.ts";

/*
 * Faults of the code under test, each put in from outside of it, into what a function sees of its world: the production code
 * has no switch for them. Each must break a promise, or the kit could not tell good code from bad.
 */
export const MUTANTS: readonly Mutant[] = [
  ...ROTATION_MUTANTS,
  ...CLEANING_MUTANTS,
  ...CLAIM_MUTANTS,
  ...EVIDENCE_MUTANTS,
  ...MINT_MUTANTS,
  ...TARGET_MUTANTS,
  ...LANE_MUTANTS,
];

/** A mutant, or another ordering. @throws Error that names those that there are */
export const mutantNamed = (name: string): Mutant => {
  const all = [...MUTANTS, ...ORDERINGS];
  const found = all.find((mutant) => mutant.name === name);
  if (found) return found;
  throw new Error(`there is no mutant "${name}"; there are ${all.map((mutant) => mutant.name).join(", ")}`);
};
