import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { changeKeys } from "./change-act.ts";
import { destroyAtRest, destroyInUse } from "./destroy-act.ts";
import { healDrift } from "./drift-act.ts";
import { type Cast, rotateAndRetire, UNUSED } from "./first-acts.ts";
import { createKeyWatch, type KeyWatch, type WatchedKey } from "./key-watch.ts";
import { checkRetiredInCluster } from "./kubernetes-act.ts";
import { checkNothingPlanned } from "./plan-check.ts";
import { retire } from "./retire-act.ts";
import type { Deferral } from "./retirement.ts";
import { type Held, type KeyChange, keyNamed, type Scene } from "./scene.ts";
import type { Stage } from "./stage.ts";
import type { View } from "./view.ts";
import { createScene, watchInBackground } from "./watching.ts";
import { type RunningWorkload, startWorkloads } from "./workloads.ts";

/** What the play leaves to be judged. */
export interface Outcome {
  readonly keys: readonly WatchedKey[];
  readonly workloads: readonly RunningWorkload[];
  readonly changes: readonly KeyChange[];
  readonly deferrals: readonly Deferral[];
  /** What did not hold, a sentence each. Empty: all of it held. */
  readonly problems: readonly string[];
}

export interface PlayOptions {
  readonly stage: Stage;
  readonly view: View;
  /** Stop before the destruction, and leave everything running. */
  readonly keep: boolean;
}

/** Waits for the retirement of old keys, that of the pods among them: its overlap is as long as the way to them may be. */
const retireRest = async (scene: Scene, { inCluster, replaced }: Cast, old: readonly Held[]): Promise<void> => {
  await retire(scene, [...old, ...(replaced ? [replaced.old] : [])]);
  if (inCluster && replaced) await checkRetiredInCluster(scene, inCluster, replaced);
};

/** Lays what the functions logged beside what else the run wrote, as it goes with the stack. */
const keepLog = async ({ stage }: Scene): Promise<void> =>
  writeFile(join(stage.folder, "functions.log"), await stage.log());

/** The whole destroy, first with the workloads running. @param replaced old keys that the service has yet to retire */
const destroy = async (scene: Scene, cast: Cast, replaced: readonly Held[]): Promise<void> => {
  const { view } = scene;
  view.title("8. Destroy while the workloads run: refused, nothing is revoked, and the service goes on");
  await retireRest(scene, cast, await destroyInUse(scene, replaced));

  view.title("9. Destroy when they are stopped: everything goes");
  for (const { workload } of cast.workloads) await workload.stop();
  await keepLog(scene);
  await destroyAtRest(scene);
};

const playWatched = async ({ stage, view, keep }: PlayOptions, watch: KeyWatch): Promise<Outcome> => {
  const scene = createScene(stage, view, watch);
  const { changes, deferrals, problems } = scene;

  await watch.passOverEarlierKeys();
  const cast = await rotateAndRetire(scene);

  view.title(`6. Drift: the key of ${UNUSED} is revoked behind our back, and the next deploy heals it`);
  await healDrift(scene, keyNamed(scene, UNUSED));
  cast.workloads.push(...(await startWorkloads(scene, [keyNamed(scene, UNUSED)])));

  view.title("7. Change: a key gets another name, one another role, one another type");
  const replaced = await changeKeys(scene);
  await checkNothingPlanned(scene, "the last deploy");

  if (!keep) await destroy(scene, cast, replaced);
  else {
    await retireRest(scene, cast, replaced);
    await keepLog(scene);
    await cast.inCluster?.cluster.writeShown(stage.folder);
  }
  for (const { name, workload } of cast.workloads)
    if (workload.counts().failures > 0) problems.push(`${workload.counts().failures} requests of ${name} failed`);
  return { keys: watch.keys, workloads: cast.workloads, changes, deferrals, problems };
};

/**
 * The life of managed keys, from their declaration to their destruction, on whatever stage.
 * @throws Error when a part does not come to its end
 */
export const play = async (options: PlayOptions): Promise<Outcome> => {
  const watch = createKeyWatch(options.stage);
  const stopWatching = watchInBackground(options.stage, watch);
  try {
    return await playWatched(options, watch);
  } finally {
    await stopWatching();
  }
};
