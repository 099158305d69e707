import { CreateSecretCommand, GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { secretNameOf } from "../../../lambdas/contracts/secret-name.ts";
import { secretValueOf } from "../../../lambdas/contracts/secret-value.ts";
import { SANDBOX_CLUSTER } from "../../../stacks/sandbox-cluster.ts";
import { SERVICE } from "../key-watch.ts";
import { keyNamed, type Scene, until } from "../scene.ts";
import type { RunningWorkload } from "../workloads.ts";
import { untilAdopted } from "./adoption.ts";
import type { DemoCluster } from "./cluster.ts";
import type { SecretRevision } from "./injected-value.ts";
import { createPods, type Pods } from "./pods.ts";
import { REPLICAS } from "./worker.ts";

const { keyName, kubeconfigSecretName, secretName, deploymentName } = SANDBOX_CLUSTER;

/** What the run has in the cluster. */
export interface InCluster {
  readonly cluster: DemoCluster;
  readonly pods: Pods;
  /** The pods' programs, all together. */
  readonly workload: RunningWorkload;
}

/** How often each pod calls its vendor. */
const EVERY_MS = 1_000;

/** The Key ID that a revision of the Secret stands for, and a problem where its value is not that key's. */
const keyIdsOf = ({ stage, problems }: Scene) => {
  const known = new Map<string, Promise<string>>();
  const lookUp = async ({ versionId, value }: SecretRevision): Promise<string> => {
    const SecretId = secretNameOf(SERVICE, keyName);
    const { SecretString = "" } = await stage.secretsManager.send(
      new GetSecretValueCommand({ SecretId, VersionId: versionId }),
    );
    const { keyId, apiKey } = secretValueOf(SecretString, keyName);
    if (apiKey.reveal() !== value?.reveal()) problems.push(`the Secret says ${keyId}, and holds another value`);
    return keyId;
  };
  return (revision: SecretRevision): Promise<string> => {
    const { versionId } = revision;
    if (versionId === undefined) return Promise.resolve("a value that Keyturn did not put there");
    const keyId = known.get(versionId) ?? lookUp(revision);
    known.set(versionId, keyId);
    return keyId;
  };
};

/** Tells what happens in the cluster as it happens. */
const createTellingPods = (scene: Scene, cluster: DemoCluster): Pods => {
  const { stage, view } = scene;
  const keyIdOf = keyIdsOf(scene);
  let held: string | undefined;
  const tell = async (revision: SecretRevision, line: (keyId: string) => string) => {
    const keyId = await keyIdOf(revision).catch((error) => `a version that cannot be read (${error.message})`);
    view.line(line(keyId));
  };
  return createPods({
    start: (pod, apiKey) =>
      stage.startPod({
        vendor: "pictify",
        apiKey,
        everyMs: EVERY_MS,
        onFailure: (reason) => view.line(`the pod ${pod} FAILED: ${reason}`),
      }),
    onSecret(revision) {
      if (revision.versionId === held || revision.value === undefined) return;
      held = revision.versionId;
      void tell(revision, (keyId) => `the Secret ${cluster.namespace}/${secretName} holds ${keyId}`);
    },
    onStarted: (pod, revision) => void tell(revision, (keyId) => `the pod ${pod} starts, with ${keyId}`),
    onGone: (pod, revision) => void tell(revision, (keyId) => `the pod ${pod} is gone; it had ${keyId} to its end`),
  });
};

/** Tries to do what the service account has no right to. */
const showRights = async ({ view, problems }: Scene, cluster: DemoCluster): Promise<void> => {
  const tried = await cluster.tryForbidden();
  const allowed = tried.filter(({ status }) => status !== 403);
  view.line(
    `Keyturn's service account may write the Secret ${secretName} and roll out deployment/${deploymentName}; ` +
      `refused: to ${tried.map(({ what }) => what).join(", to ")}`,
  );
  for (const { what, status } of allowed) problems.push(`in the cluster, to ${what} was answered ${status}, not 403`);
};

/**
 * What a platform engineer does once in a cluster: the rights that the stack asks for, the kubeconfig's secret, and a Deployment
 * whose pods wait for their Secret.
 * @returns `undefined` where there is no cluster
 */
export const enterCluster = async (scene: Scene): Promise<InCluster | undefined> => {
  const { stage, view } = scene;
  const cluster = stage.cluster.found;
  if (!cluster) return undefined;
  view.line(`cluster: ${cluster.description}, namespace ${cluster.namespace}`);
  const SecretString = cluster.kubeconfig.reveal();
  await stage.secretsManager.send(new CreateSecretCommand({ Name: kubeconfigSecretName, SecretString }));
  await cluster.applyRights(await stage.rbacManifest());
  await showRights(scene, cluster);
  const pods = createTellingPods(scene, cluster);
  await cluster.follow(pods);
  view.line(`deployment/${deploymentName}: its ${REPLICAS} pods wait: ${await cluster.createWorkload()}`);
  return {
    cluster,
    pods,
    workload: { name: `deployment/${deploymentName}`, workload: workloadOf(scene, cluster, pods) },
  };
};

const workloadOf = ({ stage }: Scene, cluster: DemoCluster, pods: Pods): RunningWorkload["workload"] => ({
  counts: pods.counts,
  async stop() {
    await cluster.writeShown(stage.folder); // what is written here is searched for values
    await cluster.removeWorkload();
    await pods.stop();
  },
});

/** Waits until all pods run with the first value, and call their vendor. */
export const untilPodsWork = async (scene: Scene, { pods, workload }: InCluster): Promise<void> => {
  const { stage, view } = scene;
  await untilAdopted(scene, keyNamed(scene, keyName));
  await until(stage, "the pods' first requests", () => {
    const { requests, failures } = pods.counts();
    view.waiting(`${workload.name} ${requests}`);
    return failures > 0 || (pods.running().length === REPLICAS && requests >= REPLICAS);
  });
  view.line(`${workload.name}: its ${REPLICAS} pods run with the first value; ${pods.counts().requests} requests`);
};
