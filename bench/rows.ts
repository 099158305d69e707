import { coldStart } from "./cold-start.ts";
import { distribution } from "./distribution.ts";
import { engineTime } from "./engine-time.ts";
import { fleet } from "./fleet.ts";
import { limits } from "./limits.ts";
import { plan } from "./plan.ts";
import { reconcilePass } from "./reconcile.ts";
import { reconcileDay } from "./reconcile-day.ts";
import { rotationCalls } from "./rotation-calls.ts";
import type { Row } from "./row.ts";
import { secretsManagerModel } from "./secrets-manager.ts";
import { synth } from "./synth.ts";

/** All rows, in the order of the table. */
export const ROWS: readonly Row[] = [
  rotationCalls,
  engineTime,
  coldStart,
  fleet,
  reconcilePass,
  reconcileDay,
  synth,
  plan,
  limits,
  distribution,
  secretsManagerModel,
];

/** @throws Error that names the rows there are */
export const rowNamed = (name: string): Row => {
  const found = ROWS.find((row) => row.name === name);
  if (found) return found;
  throw new Error(`there is no row "${name}"; there are ${ROWS.map((row) => row.name).join(", ")}`);
};
