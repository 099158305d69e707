import { describe, expect, test } from "vitest";
import type { KubernetesPlace } from "../../../../lambdas/contracts/targets.ts";
import { Redacted } from "../../../../lambdas/redacted.ts";
import { createClient } from "../../../../lambdas/targets/kubernetes/client.ts";
import { observeRollouts, readWorkloads } from "../../../../lambdas/targets/kubernetes/rollout.ts";
import { selectorText } from "../../../../lambdas/targets/kubernetes/selector.ts";
import type { ClusterSend } from "../../../../lambdas/targets/kubernetes/transport.ts";
import { VirtualClock } from "../../../../sandbox/virtual-clock.ts";

const ANNOTATION = "version.keyturn.dev/pictify-credentials";
const place: KubernetesPlace = {
  id: "web",
  cluster: "test",
  namespace: "web",
  name: "pictify-credentials",
  dataKey: "api-key",
  restart: [{ kind: "deployment", name: "web" }],
  delayMs: 1,
};
const annotations = { [ANNOTATION]: "new" };
const workload = {
  metadata: { name: "web", generation: 1 },
  spec: { replicas: 2, selector: { matchLabels: { app: "web" } }, template: { metadata: { annotations }, spec: {} } },
  status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
};
const podOf = (name: string, stamp: string) => ({
  metadata: {
    name,
    annotations: { [ANNOTATION]: stamp },
    labels: { "pod-template-hash": "abc" },
    ownerReferences: [{ kind: "ReplicaSet", name: "web-abc" }],
  },
  status: { phase: "Running" },
});

/** A cluster that lists its pods in pages, one a page. */
const clusterWith = (pods: readonly object[]) => {
  const asked: URLSearchParams[] = [];
  const send: ClusterSend = async (_, { path }) => {
    const { pathname, searchParams } = new URL(path, "https://cluster.test");
    const page = Number(searchParams.get("continue") ?? 0);
    if (pathname.endsWith("/pods")) asked.push(searchParams);
    const list = {
      metadata: page + 1 < pods.length ? { continue: String(page + 1) } : {},
      items: pods.slice(page, page + 1),
    };
    const body = new Redacted(JSON.stringify(pathname.endsWith("/pods") ? list : workload));
    return { status: 200, retryAfter: undefined, body };
  };
  const api = createClient({
    endpoint: { server: "https://cluster.test" },
    send,
    clock: new VirtualClock(),
    budget: { remainingMs: () => 10_000, signal: new AbortController().signal },
    isPatient: () => false,
  });
  return { api, asked };
};

describe("the pods of a workload", () => {
  test("are all looked at, page by page", async () => {
    const { api, asked } = clusterWith([podOf("web-1", "new"), podOf("web-2", "new"), podOf("web-3", "old")]);
    const state = await observeRollouts(api, place, await readWorkloads(api, place), "new");
    expect(state).toMatchObject({ adopted: false, code: "ROLLING", reason: expect.stringContaining("web-3") });
    expect(asked.map((query) => query.get("continue"))).toEqual([null, "1", "2"]);
    expect(asked.map((query) => query.get("labelSelector"))).toEqual(["app=web", "app=web", "app=web"]);
  });
});

describe("a workload's selector", () => {
  test("is asked with all of it", () => {
    const matchExpressions = [
      { key: "tier", operator: "In", values: ["a", "b"] },
      { key: "track", operator: "NotIn", values: ["canary"] },
      { key: "app", operator: "Exists", values: [] },
      { key: "legacy", operator: "DoesNotExist", values: [] },
    ];
    expect(selectorText({ matchLabels: { app: "web" }, matchExpressions })).toBe(
      "app=web,tier in (a,b),track notin (canary),app,!legacy",
    );
  });

  test("that cannot be understood is an error, not a guess", () => {
    const matchExpressions = [{ key: "tier", operator: "Like", values: ["a"] }];
    expect(() => selectorText({ matchLabels: {}, matchExpressions })).toThrow(/the operator Like/);
  });
});
