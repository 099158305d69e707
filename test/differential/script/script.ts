import { life } from "./life.ts";
import { lists } from "./lists.ts";
import { rotations } from "./rotations.ts";
import type { Scenarios } from "./step.ts";
import { values } from "./values.ts";
import { versions } from "./versions.ts";

/** The whole script: it calls every operation of the API. */
export const SCENARIOS: Scenarios = { ...values, ...versions, ...lists, ...life, ...rotations };
