import { timeOf } from "./field-owners.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Pod } from "./pods.ts";

const condition = (type: string, isTrue: boolean, sinceMs: number): Json => ({
  type,
  status: isTrue ? "True" : "False",
  reason: isTrue ? "" : "ContainersNotReady",
  lastTransitionTime: timeOf(sinceMs),
});

const containerState = ({ waiting, startedMs }: Pod): JsonObject => {
  if (startedMs !== undefined) return { running: { startedAt: timeOf(startedMs) } };
  return { waiting: waiting ? { ...waiting } : { reason: "ContainerCreating", message: "" } };
};

/** A pod as the API server answers it. */
export const renderPod = (pod: Pod): JsonObject => {
  const { name, namespace, deployment, templateHash, template, createdMs, startedMs, readyMs, deletedMs } = pod;
  const { labels, annotations } = template.metadata;
  return {
    metadata: {
      name,
      namespace,
      labels: { ...labels, "pod-template-hash": templateHash },
      annotations,
      creationTimestamp: timeOf(createdMs),
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${deployment}-${templateHash}`, controller: true },
      ],
      ...(deletedMs === undefined ? {} : { deletionTimestamp: timeOf(deletedMs) }),
    },
    status: {
      phase: startedMs === undefined ? "Pending" : "Running",
      conditions: [
        condition("PodScheduled", true, createdMs),
        condition("Ready", readyMs !== undefined, readyMs ?? createdMs),
      ],
      containerStatuses: template.spec.containers.map((one) => ({ name: one.name, state: containerState(pod) })),
    },
  };
};
