import type { KubernetesPlace } from "../../../../lambdas/contracts/targets.ts";
import { turnsOf } from "../../../../lambdas/pool.ts";
import { Redacted } from "../../../../lambdas/redacted.ts";
import { createClient, type KubernetesApi } from "../../../../lambdas/targets/kubernetes/client.ts";
import type { WantedRollout } from "../../../../lambdas/targets/kubernetes/rolled-out.ts";
import { secretPath } from "../../../../lambdas/targets/kubernetes/rules.ts";
import type { ClusterSend } from "../../../../lambdas/targets/kubernetes/transport.ts";
import { VirtualClock } from "../../../../sandbox/virtual-clock.ts";

/* A cluster whose Deployments are rolled out, which answers reads alone and makes up its pods page by page as they are asked for. */
export const ANNOTATION = "version.keyturn.dev/pictify-credentials";

/** What they were rolled out with. */
export const WANTED: WantedRollout = {
  holder: secretPath("web", "pictify-credentials"),
  mark: { annotation: ANNOTATION, stamp: "new" },
  notes: {},
};

/** A target that restarts the Deployments of these names. */
export const placeOf = (...names: readonly string[]): KubernetesPlace => ({
  id: "web",
  cluster: "test",
  namespace: "web",
  name: "pictify-credentials",
  dataKey: "api-key",
  restart: names.map((name) => ({ kind: "deployment", name })),
  delayMs: 1,
});

const deploymentOf = (name: string) => ({
  metadata: { name, generation: 1 },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: { metadata: { annotations: { [ANNOTATION]: "new" } }, spec: {} },
  },
  status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
});

export const podOf = (deployment: string, name: string, stamp: string, annotations: object = {}) => ({
  metadata: {
    name,
    annotations: { [ANNOTATION]: stamp, ...annotations },
    labels: { "pod-template-hash": "abc" },
    ownerReferences: [{ kind: "ReplicaSet", name: `${deployment}-abc` }],
  },
  status: { phase: "Running" },
});

export interface PagingCluster {
  readonly api: KubernetesApi;
  /** What pods were asked for, in the order of the requests. */
  readonly asked: URLSearchParams[];
}

/**
 * @param pods how many pods each Deployment has @param podAt the pod of a Deployment with this number
 * @param options.page how many are on a page; by default as many as are asked for
 * @param options.beforePage waited for before a page is made up
 */
export const pagingCluster = (
  pods: number,
  podAt: (deployment: string, index: number) => object,
  {
    page,
    pagesAtOnce = 4,
    beforePage = async () => {},
  }: {
    readonly page?: number;
    readonly pagesAtOnce?: number;
    readonly beforePage?: () => Promise<void>;
  } = {},
): PagingCluster => {
  const asked: URLSearchParams[] = [];
  const listOf = async (query: URLSearchParams) => {
    asked.push(query);
    await beforePage();
    const deployment = query.get("labelSelector")?.replace("app=", "") ?? "";
    const from = Number(query.get("continue") ?? 0);
    const to = Math.min(pods, from + (page ?? Number(query.get("limit"))));
    const items = Array.from({ length: to - from }, (_, index) => podAt(deployment, from + index));
    return { metadata: to < pods ? { continue: String(to) } : {}, items };
  };
  const send: ClusterSend = async (_, { path }) => {
    const { pathname, searchParams } = new URL(path, "https://cluster.test");
    const name = pathname.split("/").at(-1) ?? "";
    const answer = name === "pods" ? await listOf(searchParams) : deploymentOf(name);
    return { status: 200, retryAfter: undefined, body: new Redacted(JSON.stringify(answer)) };
  };
  const api = createClient({
    endpoint: { server: "https://cluster.test" },
    send,
    clock: new VirtualClock(),
    budget: { remainingMs: () => 10_000, signal: new AbortController().signal },
    isPatient: () => false,
    pageTurns: turnsOf(pagesAtOnce),
  });
  return { api, asked };
};
