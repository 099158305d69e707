import { changeKeys } from "./change-act.ts";
import { destroyAtRest, destroyInUse } from "./destroy-act.ts";
import { healDrift } from "./drift-act.ts";
import { createKeyWatch, type KeyWatch, type WatchedKey } from "./key-watch.ts";
import { checkNothingPlanned, showNotGivenBack } from "./plan-check.ts";
import { type Deferral, waitForRetirement } from "./retirement.ts";
import { checkOverlap, rotateKeys } from "./rotate-keys.ts";
import {
  currentGeneration,
  currentGenerations,
  type Held,
  type KeyChange,
  keyNamed,
  lookAround,
  POLL_MS,
  type Scene,
  verdict,
} from "./scene.ts";
import type { SeenStep, Stage } from "./stage.ts";
import type { View } from "./view.ts";
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

/** Nobody uses it until its drift is healed: what happens to it before is no workload's failure. */
const UNUSED = "sandbox-report";

const showGenerations = async (scene: Scene): Promise<void> => {
  await lookAround(scene);
  if (scene.watch.keys.length === 0) throw new Error("the deploy declared no key");
  for (const key of scene.watch.keys) {
    const { keyId } = await currentGeneration(scene, key);
    scene.view.line(`${key.name}: first generation ${keyId}, verified`);
  }
};

const checkRetired = async (scene: Scene, old: readonly Held[], deferred: readonly Deferral[]): Promise<void> => {
  const { view, problems } = scene;
  for (const outgoing of old) {
    if (deferred.some(({ keyId }) => keyId === outgoing.keyId)) continue;
    const found = await verdict(scene, outgoing);
    view.line(`${outgoing.key.name}: a call with ${outgoing.keyId} ${found === "dead" ? "gets 401" : "STILL WORKS"}`);
    if (found === "alive") problems.push(`${outgoing.key.name}: the old key ${outgoing.keyId} still works`);
  }
};

/** Waits until the deployed schedule has revoked old keys, and calls their vendors with them. */
const retire = async (scene: Scene, old: readonly Held[]): Promise<void> => {
  const { stage, view, watch, deferrals } = scene;
  const deferred = await waitForRetirement({ stage, view, watch, old });
  deferrals.push(...deferred);
  await checkRetired(scene, old, deferred);
};

/** Watches the secrets while the play goes on, so that a promotion is seen when it happens. */
const watchInBackground = (stage: Stage, watch: KeyWatch): (() => Promise<void>) => {
  const stopping = new AbortController();
  const run = async () => {
    while (!stopping.signal.aborted) {
      await watch.lookAtSecrets();
      await stage.clock.sleep(POLL_MS, stopping.signal);
    }
  };
  const running = run();
  running.catch(() => {}); // whoever stops it is told
  return () => {
    stopping.abort();
    return running;
  };
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

const createScene = ({ stage, view }: PlayOptions, watch: KeyWatch): Scene => {
  const steps: SeenStep[] = [];
  stage.onStep((step) => {
    steps.push(step);
    const name = watch.keys.find((key) => key.secretArn === step.secretArn)?.name ?? step.secretArn;
    view.line(`${name}: ${step.step} ${step.error ? `failed (${step.error})` : "done"}`);
  });
  return { stage, view, watch, steps, changes: [], deferrals: [], problems: [] };
};

/** The four acts in which nobody changes anything. */
const rotateAndRetire = async (scene: Scene): Promise<readonly RunningWorkload[]> => {
  const { stage, view, watch } = scene;
  view.title("1. Deploy: four declared keys get a verified first generation");
  await stage.deploy();
  await showGenerations(scene);

  view.title(`2. Workloads read their secrets and call their vendors; ${UNUSED} has none yet`);
  const used = watch.keys.filter(({ name }) => name !== UNUSED);
  const workloads = await startWorkloads(scene, used);

  view.title("3. Rotate all four: both generations stay valid");
  const old = await currentGenerations(scene);
  await rotateKeys(scene, watch.keys);
  await checkOverlap(scene, old);

  view.title("4. Retire: the deployed schedule revokes the old keys when they are unused");
  // Old keys wait for a while: time enough to plan.
  const [plan] = await Promise.all([checkNothingPlanned(scene, "the first deploy"), retire(scene, old)]);
  showNotGivenBack(scene, plan);
  return workloads;
};

/** The whole destroy, first with the workloads running. @param replaced old keys that the service has yet to retire */
const destroy = async (
  scene: Scene,
  workloads: readonly RunningWorkload[],
  replaced: readonly Held[],
): Promise<void> => {
  const { view } = scene;
  view.title("7. Destroy while the workloads run: refused, nothing is revoked, and the service goes on");
  await retire(scene, await destroyInUse(scene, replaced));

  view.title("8. Destroy when they are stopped: everything goes");
  for (const { workload } of workloads) await workload.stop();
  await destroyAtRest(scene);
};

const playWatched = async (options: PlayOptions, watch: KeyWatch): Promise<Outcome> => {
  const scene = createScene(options, watch);
  const { view, changes, deferrals, problems } = scene;

  await watch.passOverEarlierKeys();
  const workloads = [...(await rotateAndRetire(scene))];

  view.title(`5. Drift: the key of ${UNUSED} is revoked behind our back, and the next deploy heals it`);
  await healDrift(scene, keyNamed(scene, UNUSED));
  workloads.push(...(await startWorkloads(scene, [keyNamed(scene, UNUSED)])));

  view.title("6. Change: a key gets another name, one another role, one another type");
  const replaced = await changeKeys(scene);
  await checkNothingPlanned(scene, "the last deploy");

  if (options.keep) await retire(scene, replaced);
  else await destroy(scene, workloads, replaced);
  for (const { name, workload } of workloads)
    if (workload.counts().failures > 0) problems.push(`${workload.counts().failures} requests of ${name} failed`);
  return { keys: watch.keys, workloads, changes, deferrals, problems };
};

/** For a run that is kept: what is where. @param environmentFile none in process, where nothing can be reached */
export const keptText = (environmentFile?: string): string =>
  [
    "It keeps running until you press Ctrl-C.",
    ...(environmentFile === undefined ? [] : [`To reach it from another shell:  . ${environmentFile}`]),
  ].join("\n");
