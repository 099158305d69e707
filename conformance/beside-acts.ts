import type { Act } from "./beside-act.ts";
import { DEPLOYS } from "./beside-deploys.ts";
import { KEYS } from "./beside-keys.ts";
import { LABELS } from "./beside-labels.ts";
import { NEIGHBOURS } from "./beside-neighbours.ts";
import { REMADE } from "./beside-remade.ts";
import { ROTATIONS } from "./beside-rotations.ts";
import { RUNS } from "./beside-runs.ts";
import { TAGS } from "./beside-tags.ts";
import { VALUES } from "./beside-values.ts";
import { WORKLOADS } from "./beside-workloads.ts";

/** All that may happen beside an effect, by the word that stands for it. */
export const ACTS: Readonly<Record<string, Act>> = {
  ...RUNS,
  ...DEPLOYS,
  ...ROTATIONS,
  ...VALUES,
  ...LABELS,
  ...KEYS,
  ...TAGS,
  ...REMADE,
  ...WORKLOADS,
  ...NEIGHBOURS,
};
