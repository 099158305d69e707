import type { V1Deployment } from "@kubernetes/client-node";
import { SANDBOX_CLUSTER } from "../../../stacks/sandbox-cluster.ts";

const { deploymentName, secretName, dataKey } = SANDBOX_CLUSTER;

/** The variable in which the pods find their key. */
export const KEY_VARIABLE = "PICTIFY_API_KEY";
export const REPLICAS = 2;
export const WORKER_LABELS = { app: deploymentName };

/** On our own nodes, which run nothing, a deleted pod is gone after this annotation's time: long enough to be seen. */
const STOPS_AFTER = { "fake-node.test/stops-after": "3s" };

/** A Deployment as anybody may have it: two pods that get their key as a variable, from a Secret. */
export const workerDeployment = (): V1Deployment => {
  const securityContext = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    runAsNonRoot: true,
    runAsUser: 65_534,
    seccompProfile: { type: "RuntimeDefault" },
  };
  const env = [{ name: KEY_VARIABLE, valueFrom: { secretKeyRef: { name: secretName, key: dataKey } } }];
  const container = { name: "worker", image: "busybox:1.37", command: ["sleep", "infinity"], env, securityContext };
  return {
    metadata: { name: deploymentName, labels: WORKER_LABELS },
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: WORKER_LABELS },
      template: {
        metadata: { labels: WORKER_LABELS, annotations: STOPS_AFTER },
        spec: { terminationGracePeriodSeconds: 5, containers: [container] },
      },
    },
  };
};
