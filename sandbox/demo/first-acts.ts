import { SANDBOX_CLUSTER } from "../../stacks/sandbox-cluster.ts";
import type { WatchedKey } from "./key-watch.ts";
import { enterCluster, type InCluster, untilPodsWork } from "./kubernetes/enter-cluster.ts";
import { type Replaced, rotateInCluster } from "./kubernetes-act.ts";
import { checkNothingPlanned, showNotGivenBack } from "./plan-check.ts";
import { retire } from "./retire-act.ts";
import { checkOverlap, rotateKeys } from "./rotate-keys.ts";
import { currentGeneration, lookAround, type Scene } from "./scene.ts";
import { type RunningWorkload, startWorkloads } from "./workloads.ts";

/** Nobody uses it until its drift is healed: what happens to it before is no workload's failure. */
export const UNUSED = "sandbox-report";

/** What goes on in the cluster, and what its key's retirement is held against. */
export interface Cast {
  readonly workloads: RunningWorkload[];
  readonly inCluster?: InCluster | undefined;
  readonly replaced?: Replaced | undefined;
}

const showGenerations = async (scene: Scene): Promise<void> => {
  await lookAround(scene);
  if (scene.watch.keys.length === 0) throw new Error("the deploy declared no key");
  for (const key of scene.watch.keys) {
    const { keyId } = await currentGeneration(scene, key);
    scene.view.line(`${key.name}: first generation ${keyId}, verified`);
  }
};

/** All but the one that is for the pods of the cluster. */
const outsideCluster = ({ watch }: Scene): readonly WatchedKey[] =>
  watch.keys.filter(({ name }) => name !== SANDBOX_CLUSTER.keyName);

const deploy = async (scene: Scene): Promise<InCluster | undefined> => {
  const inCluster = await enterCluster(scene);
  await scene.stage.deploy();
  await showGenerations(scene);
  return inCluster;
};

const startAll = async (scene: Scene, inCluster: InCluster | undefined): Promise<RunningWorkload[]> => {
  const started = await startWorkloads(
    scene,
    outsideCluster(scene).filter(({ name }) => name !== UNUSED),
  );
  if (!inCluster) return [...started];
  await untilPodsWork(scene, inCluster);
  return [...started, inCluster.workload];
};

/** The acts in which nobody changes anything. */
export const rotateAndRetire = async (scene: Scene): Promise<Cast> => {
  const { stage, view } = scene;
  view.title("1. Deploy: the declared keys get a verified first generation");
  const inCluster = await deploy(scene);

  view.title(`2. Workloads read their secrets and call their vendors; ${UNUSED} has none yet`);
  const workloads = await startAll(scene, inCluster);

  view.title("3. Rotate four keys: both generations stay valid");
  const keys = outsideCluster(scene);
  const old = await Promise.all(keys.map((key) => currentGeneration(scene, key)));
  await rotateKeys(scene, keys);
  await checkOverlap(scene, old);

  view.title("4. Kubernetes: a key goes into the pods of a Deployment, and is seen to be there");
  const replaced = inCluster && (await rotateInCluster(scene, inCluster));
  if (!inCluster) view.line(`left out: ${stage.cluster.missing}`);

  view.title("5. Retire: the deployed schedule revokes the old keys when they are unused");
  // Old keys wait for a while: time enough to plan.
  const [plan] = await Promise.all([checkNothingPlanned(scene, "the first deploy"), retire(scene, old)]);
  showNotGivenBack(scene, plan);
  return { workloads, inCluster, replaced };
};
