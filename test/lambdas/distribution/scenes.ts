import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import type { TargetResult } from "../../../lambdas/contracts/distribute.ts";
import type { ClusterWorld } from "../../../lambdas/targets/kubernetes/transport.ts";
import type { TestCluster } from "../../kubernetes-api/cluster.ts";
import { eventually } from "../../kubernetes-api/eventually.ts";
import { untilRolledOut } from "../../kubernetes-api/rollout.ts";
import { annotateTemplate, createDeployment } from "../../kubernetes-api/workloads.ts";
import { externalSecretsIn, externalTarget } from "./operator.ts";
import { base64, createDistribution, secretTarget } from "./stand.ts";

/*
 * Everything that `distribute` does with a target, as scenes that can be played again and again: what it asks of the cluster in
 * each, in its order, and how the cluster is brought back to where the scene begins.
 */
const NAME = "pictify-credentials";
const MARK = `version.keyturn.dev/${NAME}`;
const NOTES = "keyturn.dev/rolled-out";
const MERGE = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
const restart = [{ kind: "deployment", name: "web" }] as const;

export interface SceneOptions {
  /** By default the administrator's own. */
  readonly kubeconfig?: string;
  readonly world?: Partial<ClusterWorld>;
  /** How long the function may run. */
  readonly timeoutMs?: number | (() => number);
}

export interface Played {
  /** Brings the cluster to where the scene begins. */
  reset(): Promise<void>;
  act(): Promise<TargetResult>;
  /** Waits until the target has adopted. @returns how often its workload was rolled out since `reset` */
  settle(): Promise<number>;
  /** What is in the Secret, and what ought to be. */
  values(): Promise<readonly [found: string | undefined, wanted: string]>;
}

export interface Scene {
  readonly title: string;
  readonly calls: readonly string[];
  readonly rollouts: number;
  begin(on: TestCluster, options?: SceneOptions): Promise<Played>;
}

/** "PATCH secrets" */
export const callOf = ({ method, path }: { readonly method: string; readonly path: string }): string =>
  `${method} ${/\/(secrets|externalsecrets|deployments|pods)\b/.exec(path)?.[1]}`;

type Made = Awaited<ReturnType<typeof made>>;

const made = async (on: TestCluster, kind: "kubernetes" | "external-secret", options: SceneOptions) => {
  const namespace = await on.freshNamespace();
  await createDeployment(on, { namespace });
  const stand = await createDistribution({ kubeconfig: on.kubeconfig, ...options });
  const key = await stand.declare([(kind === "kubernetes" ? secretTarget : externalTarget)(namespace, { restart })]);
  return { on, namespace, stand, key };
};

const deleteSecret = ({ on, namespace }: Made) =>
  on.core.deleteNamespacedSecret({ name: NAME, namespace }).catch(() => undefined);

/** Until its controller is done with it: a status that is still being written is a change at the same moment. */
const rest = ({ on, namespace }: Made) => untilRolledOut(on, { kind: "Deployment", namespace, name: "web" });

const unmark = async (scene: Made): Promise<void> => {
  const { on, namespace } = scene;
  await annotateTemplate(on, { kind: "Deployment", namespace, name: "web" }, { [MARK]: null });
  await rest(scene);
};

const editValue = ({ on, namespace }: Made) => {
  const body = { data: { "api-key": base64("by hand") } };
  return on.core.patchNamespacedSecret({ name: NAME, namespace, body, fieldManager: "kubectl-edit" }, MERGE);
};

const adopted = ({ stand, key }: Made) =>
  eventually("the target has adopted", async () => (await stand.observe(key)).adopted);

const played = (scene: Made, act: "apply" | "observe", reset: () => Promise<unknown>): Played => {
  const { on, namespace, stand, key } = scene;
  let before = 0;
  const generation = async () =>
    (await on.apps.readNamespacedDeployment({ name: "web", namespace })).metadata?.generation ?? 0;
  return {
    async reset() {
      await reset();
      before = await generation();
    },
    act: () => stand[act](key),
    async settle() {
      await adopted(scene);
      return (await generation()) - before;
    },
    async values() {
      const { data } = await on.core.readNamespacedSecret({ name: NAME, namespace });
      return [data?.["api-key"], base64(key.apiKey)];
    },
  };
};

/** An ExternalSecret whose Secret the operator has written. */
const operated = async (on: TestCluster, options: SceneOptions): Promise<Made> => {
  const scene = await made(on, "external-secret", options);
  const applying = scene.stand.apply(scene.key);
  const { operate } = externalSecretsIn(on);
  await eventually("the operator has written the Secret", () =>
    operate(scene.stand, scene.namespace).then(
      () => true,
      () => false,
    ),
  );
  await applying;
  await scene.stand.apply(scene.key);
  return scene;
};

export const SCENES: readonly Scene[] = [
  {
    title: "making a Secret",
    calls: ["GET deployments", "GET secrets", "PATCH secrets", "PATCH deployments"],
    rollouts: 1,
    async begin(on, options = {}) {
      const scene = await made(on, "kubernetes", options);
      return played(scene, "apply", async () => {
        await deleteSecret(scene);
        await unmark(scene);
      });
    },
  },
  {
    title: "putting right what was edited",
    calls: ["GET deployments", "GET secrets", "PATCH secrets", "PATCH secrets", "PATCH deployments"],
    rollouts: 1,
    async begin(on, options = {}) {
      const scene = await made(on, "kubernetes", options);
      return played(scene, "apply", async () => {
        await deleteSecret(scene); // with its note of the last repair, which would hold up the next one
        await scene.stand.apply(scene.key);
        await rest(scene);
        await editValue(scene);
      });
    },
  },
  {
    title: "making again what is there",
    calls: ["GET deployments", "GET secrets", "PATCH secrets", "GET pods"],
    rollouts: 0,
    async begin(on, options = {}) {
      const scene = await made(on, "kubernetes", options);
      await scene.stand.apply(scene.key);
      await adopted(scene);
      return played(scene, "apply", () => rest(scene));
    },
  },
  {
    title: "looking at a Secret",
    calls: ["GET secrets", "GET deployments", "GET pods"],
    rollouts: 0,
    async begin(on, options = {}) {
      const scene = await made(on, "kubernetes", options);
      await scene.stand.apply(scene.key);
      await adopted(scene);
      return played(scene, "observe", async () => {});
    },
  },
  {
    title: "applying an ExternalSecret",
    calls: [
      "GET deployments",
      "GET secrets",
      "GET externalsecrets",
      "PATCH externalsecrets",
      "GET secrets",
      "PATCH deployments",
      "GET secrets",
    ],
    rollouts: 1,
    async begin(on, options = {}) {
      const scene = await operated(on, options);
      return played(scene, "apply", async () => {
        await unmark(scene);
        await externalSecretsIn(on).edit(scene.namespace, { metadata: { annotations: { [NOTES]: null } } });
      });
    },
  },
  {
    title: "looking at an ExternalSecret",
    calls: ["GET externalsecrets", "GET deployments", "GET secrets", "GET pods"],
    rollouts: 0,
    async begin(on, options = {}) {
      const scene = await operated(on, options);
      await adopted(scene);
      return played(scene, "observe", async () => {});
    },
  },
];
