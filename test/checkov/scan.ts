import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { App, type TerraformStack } from "cdktf";
import { emptyBundles, fullSynth, synthesize } from "../constructs/declare.ts";
import type { FoundIn } from "./accepted.ts";
import { type Report, runCheckov } from "./checkov.ts";
import { asPlan } from "./plan.ts";
import { STACKS, type StackName } from "./stacks.ts";

export interface Scan {
  readonly passed: number;
  readonly found: readonly FoundIn[];
}

/** Synthesizes a stack, and has checkov look at it. */
export const checked = (python: string, stack: TerraformStack): Promise<Report> => {
  const plan = join(fullSynth(stack), "plan.json");
  writeFileSync(plan, JSON.stringify(asPlan(synthesize(stack))));
  return runCheckov(python, plan);
};

/** Does so with all that there is to be looked at. @param folder where the stacks are written */
export const scanned = async (python: string, folder: string): Promise<Scan> => {
  const scans: Scan[] = [];
  for (const stack of Object.keys(STACKS) as StackName[]) {
    const app = new App({ outdir: join(folder, stack) });
    const { findings, passed } = await checked(python, STACKS[stack](app, emptyBundles()));
    scans.push({ passed, found: findings.map((finding) => ({ ...finding, stack })) });
  }
  return {
    passed: scans.reduce((sum, { passed }) => sum + passed, 0),
    found: scans.flatMap(({ found }) => found),
  };
};
