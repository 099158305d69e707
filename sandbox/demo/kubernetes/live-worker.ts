import { AppsV1Api, CoreV1Api, type KubeConfig, type V1Pod } from "@kubernetes/client-node";
import { SANDBOX_CLUSTER } from "../../../stacks/sandbox-cluster.ts";
import { unlessNotFound } from "./api-error.ts";
import { untilThere } from "./patience.ts";
import { REPLICAS, WORKER_LABELS, workerDeployment } from "./worker.ts";

const { deploymentName } = SANDBOX_CLUSTER;
const labelSelector = `app=${WORKER_LABELS.app}`;

const waitingIn = ({ status }: V1Pod): string | undefined => {
  const waiting = status?.containerStatuses?.[0]?.state?.waiting;
  return waiting && [waiting.reason, waiting.message].filter((text) => text !== undefined).join(", ");
};

/** The Deployment and its pods in a namespace, as their administrator. */
export const workerIn = (admin: KubeConfig, namespace: string) => {
  const apps = admin.makeApiClient(AppsV1Api);
  const core = admin.makeApiClient(CoreV1Api);
  const read = () => unlessNotFound(apps.readNamespacedDeployment({ namespace, name: deploymentName }));
  const pods = async () => (await core.listNamespacedPod({ namespace, labelSelector })).items;

  const isAtRest = async (): Promise<true | undefined> => {
    const deployment = await read();
    const { generation = 0 } = deployment?.metadata ?? {};
    const { observedGeneration = -1, updatedReplicas = 0, availableReplicas = 0 } = deployment?.status ?? {};
    const replicas = deployment?.spec?.replicas ?? 0;
    const isComplete = !deployment || observedGeneration >= generation;
    if (!isComplete || updatedReplicas < replicas || availableReplicas < replicas) return undefined;
    return (await pods()).length === replicas || undefined;
  };

  return {
    /** @returns what the pods wait for, as they have no Secret yet */
    async create(): Promise<string> {
      await apps.createNamespacedDeployment({ namespace, body: workerDeployment() });
      return untilThere("the pods' wait for their Secret", async () => {
        const waiting = (await pods()).map(waitingIn);
        return waiting.length === REPLICAS
          ? waiting.find((one) => one?.startsWith("CreateContainerConfigError"))
          : undefined;
      });
    },
    async remove(): Promise<void> {
      await unlessNotFound(apps.deleteNamespacedDeployment({ namespace, name: deploymentName }));
      await untilThere("the end of the pods", async () => ((await pods()).length === 0 ? true : undefined));
    },
    atRest: () => untilThere("the rollout", isAtRest).then(() => {}),
  };
};
