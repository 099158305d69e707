import { expect, test } from "vitest";
import { carryOut } from "../../conformance/assignment.ts";
import { clusterCall } from "../../conformance/effects/effect.ts";
import { effectsToKillAt } from "../../conformance/effects/recorded.ts";
import { VENDOR_NAMES } from "../../conformance/stage/vendors.ts";

test("a key is distributed by every way: a kubeconfig and EKS, a Secret and an ExternalSecret", async () => {
  const traces = await Promise.all(
    VENDOR_NAMES.map((vendor) => carryOut({ chapter: "distributed-first-key", vendor, seed: 1 }, true)),
  );
  const text = traces.flatMap(({ trace }) => trace).join("\n");
  for (const name of ["apply Secret", "apply ExternalSecret", "patch Deployment", "DescribeCluster"])
    expect(text).toMatch(new RegExp(`distribute apply \\[run \\d+\\]  ${name}`));
  expect(text).toMatch(/distribute observe \[run \d+\] {2}list Pods/);
});

test("a request to a cluster goes by what it asks for, without names", () => {
  const { signal } = new AbortController();
  const get = { method: "GET", signal } as const;
  const patch = { method: "PATCH", signal } as const;
  const calls = [
    { ...get, path: "/api/v1/namespaces/web/secrets/key" },
    { ...get, path: "/api/v1/namespaces/web/pods?limit=500&labelSelector=app%3Dweb" },
    { ...patch, path: "/api/v1/namespaces/web/secrets/key?force=false", contentType: "application/apply-patch+yaml" },
    { ...patch, path: "/apis/apps/v1/namespaces/web/deployments/web", contentType: "application/merge-patch+json" },
  ].map((request) => clusterCall(request));
  expect(calls).toEqual([
    { name: "get Secret", changes: false },
    { name: "list Pods", changes: false },
    { name: "apply Secret", changes: true },
    { name: "patch Deployment", changes: true },
  ]);
});

test("a rollout that is stuck keeps the old key, with its reason and the pod in the log, until it is mended", async () => {
  const { violations, trace } = await carryOut({ chapter: "distributed-stuck", vendor: "pictograph", seed: 1 }, true);
  expect(violations).toEqual([]);
  const text = trace.join("\n");
  expect(text).toMatch(/: waiting[\s\S]*is revoked now/);
  expect(text).not.toMatch(/is revoked now[\s\S]*: waiting/);
});

test("in the life of a key with a target what the target brings with it is killed, each look at targets once", () => {
  const effect = (number: number, by: "rotate" | "reconcile" | "distribute", task: string, name: string) => ({
    number,
    name,
    changes: name.startsWith("apply"),
    atMs: number,
    by,
    task,
    invocation: number,
  });
  const effects = [
    effect(1, "rotate", "finishSecret", "DescribeSecret"),
    effect(2, "rotate", "finishSecret", "Invoke distribute Event"),
    effect(3, "distribute", "apply", "apply Secret"),
    effect(4, "distribute", "observe", "get Secret"),
    effect(5, "reconcile", "pass", "ListSecrets"),
    effect(6, "distribute", "observe", "get Secret"),
  ];
  expect(effectsToKillAt(effects).map(({ number }) => number)).toEqual([2, 3, 4]);
});
