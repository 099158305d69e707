import type { Act } from "./act.ts";
import { DEPLOYS } from "./deploys.ts";
import { KEYS } from "./keys.ts";
import { LABELS } from "./labels.ts";
import { MINTS } from "./mints.ts";
import { NEIGHBOURS } from "./neighbours.ts";
import { ORGANIZATIONS } from "./organizations.ts";
import { REMADE } from "./remade.ts";
import { RIGHTS } from "./rights.ts";
import { ROTATIONS } from "./rotations.ts";
import { RUNS } from "./runs.ts";
import { TAGS } from "./tags.ts";
import { VALUES } from "./values.ts";
import { WORKLOADS } from "./workloads.ts";

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
  ...ORGANIZATIONS,
  ...RIGHTS,
  ...MINTS,
};
