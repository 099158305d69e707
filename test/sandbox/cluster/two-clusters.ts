import { systemClock } from "../../../lambdas/clock.ts";
import { Redacted } from "../../../lambdas/redacted.ts";
import { endpointOfKubeconfig } from "../../../lambdas/targets/kubernetes/kubeconfig.ts";
import {
  type Metadata,
  type SecretObject,
  secretObject,
  statusObject,
} from "../../../lambdas/targets/kubernetes/objects.ts";
import { isHeldByUs, otherManagersOf } from "../../../lambdas/targets/kubernetes/ownership.ts";
import { type ClusterSend, sendOverHttps } from "../../../lambdas/targets/kubernetes/transport.ts";
import { createCluster, type SimulatedCluster } from "../../../sandbox/cluster/cluster.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";
import type { TestCluster } from "../../kubernetes-api/cluster.ts";

/* A real API server and the simulated cluster side by side: what is asked of one is asked of the other. */
export type Ask = (request: AskedRequest) => Promise<{ readonly status: number; readonly body: unknown }>;

export interface AskedRequest {
  readonly path: string;
  /** Server-side apply of this body. */
  readonly apply?: object;
  /** A merge patch of this body. */
  readonly merge?: object;
}

export interface TwoClusters {
  readonly namespace: string;
  readonly real: Ask;
  readonly simulated: Ask;
  readonly simulator: SimulatedCluster;
  readonly clock: VirtualClock;
}

/** An image that no node can pull; the fake nodes of the real server are told so by an annotation. */
export const BROKEN_IMAGE = "registry.invalid/broken";

const askOver =
  (send: ClusterSend, endpoint: Parameters<ClusterSend>[0]): Ask =>
  async ({ path, apply, merge }) => {
    const { signal } = new AbortController();
    const body = apply ?? merge;
    const contentType = apply ? "application/apply-patch+yaml" : "application/merge-patch+json";
    const answer = await send(
      endpoint,
      body
        ? { method: "PATCH", path, contentType, body: new Redacted(JSON.stringify(body)), signal }
        : { method: "GET", path, signal },
    );
    return { status: answer.status, body: JSON.parse(answer.body.reveal()) };
  };

export const twoClusters = async (cluster: TestCluster): Promise<TwoClusters> => {
  const namespace = await cluster.freshNamespace();
  const clock = new VirtualClock(systemClock.now());
  const imageFault = (image: string) => (image === BROKEN_IMAGE ? "ErrImagePull" : undefined);
  const simulator = createCluster({ clock, namespaces: [namespace], imageFault });
  const endpoint = endpointOfKubeconfig(new Redacted(cluster.kubeconfig), undefined, "of the tests");
  return {
    namespace,
    clock,
    simulator,
    real: askOver(sendOverHttps, endpoint),
    simulated: askOver(simulator.send, { server: "https://cluster.invalid" }),
  };
};

const ownersOf = (metadata: Metadata, key: string): readonly string[] => [
  ...(isHeldByUs(metadata, ["data", key]) ? ["keyturn Apply"] : []),
  ...otherManagersOf(metadata, ["data", key]).map(({ manager, operation }) => `${manager} ${operation}`),
];

const readSecret = ({ metadata, data }: SecretObject) => ({
  name: metadata.name,
  labels: metadata.labels,
  annotations: metadata.annotations,
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, value.reveal()])),
  owners: Object.fromEntries(Object.keys(data).map((key) => [key, [...ownersOf(metadata, key)].sort()])),
});

const readFailure = (body: unknown) => {
  const { reason, details } = statusObject.parse(body);
  return {
    reason,
    kind: details.kind,
    name: details.name,
    causes: details.causes.map((one) => `${one.reason} ${one.field}`).sort(),
  };
};

/** What Keyturn reads of an answer about a Secret. */
export const readAnswer = ({ status, body }: Awaited<ReturnType<Ask>>) =>
  status < 300 ? { status, ...readSecret(secretObject.parse(body)) } : { status, ...readFailure(body) };

export const resourceVersionOf = ({ body }: Awaited<ReturnType<Ask>>): string =>
  secretObject.parse(body).metadata.resourceVersion;
