import { expect, test } from "vitest";
import { systemClock } from "../../../lambdas/clock.ts";
import { Redacted } from "../../../lambdas/redacted.ts";
import type { ClusterSend } from "../../../lambdas/targets/kubernetes/transport.ts";
import { createCluster } from "../../../sandbox/cluster/cluster.ts";
import { plainKubeconfig } from "./plain-kubeconfig.ts";
import { createDistribution, secretTarget } from "./stand.ts";

const NAMESPACE = "web";
const MARK = "version.keyturn.dev/pictify-credentials";
const NOTES = "keyturn.dev/rolled-out";

const DEPLOYMENT = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: NAMESPACE },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web:1" }] } },
  },
};

type Template = { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } };

/** A key whose workload is in a cluster with a policy that takes the mark out of every change of a Deployment, while it is on. */
const behindPolicy = async () => {
  const policy = { isOn: true };
  const cluster = createCluster({ clock: systemClock, namespaces: [NAMESPACE] });
  const send: ClusterSend = (endpoint, request) => {
    const text = request.method === "PATCH" ? request.body?.reveal() : undefined;
    if (!policy.isOn || text === undefined || !request.path.includes("/deployments/"))
      return cluster.send(endpoint, request);
    const admitted = JSON.stringify(JSON.parse(text, (name, value) => (name === MARK ? undefined : value)));
    return cluster.send(endpoint, { ...request, body: new Redacted(admitted) });
  };
  const { signal } = new AbortController();
  const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/web?fieldManager=kubectl`;
  const body = new Redacted(JSON.stringify(DEPLOYMENT));
  const endpoint = { server: "https://cluster.test" };
  await cluster.send(endpoint, { method: "PATCH", path, contentType: "application/apply-patch+yaml", body, signal });
  const kubeconfig = plainKubeconfig("https://cluster.test");
  const stand = await createDistribution({ kubeconfig, world: { send } });
  const key = await stand.declare([secretTarget(NAMESPACE, { restart: [{ kind: "deployment", name: "web" }] })]);
  const markOf = () => {
    const { spec } = cluster.object("deployments", NAMESPACE, "web") as { readonly spec: { template: Template } };
    return spec.template.metadata.annotations?.[MARK];
  };
  const failed = () => stand.lines.map((line) => JSON.parse(line).TargetsFailed ?? 0);
  return { policy, cluster, stand, key, markOf, failed };
};

test("a mark that a policy takes off as it is put is told as a failure at each look, and counts as no rollout", async () => {
  const { cluster, stand, key, markOf, failed } = await behindPolicy();

  const results = [await stand.apply(key), await stand.apply(key), await stand.apply(key)];

  expect(results.map(({ adopted, code }) => ({ adopted, code }))).toEqual(
    Array(3).fill({ adopted: false, code: "REPLACED" }),
  );
  expect(results[0]?.reason).toContain(`deployment/web loses the annotation ${MARK} of its pod template as soon as`);
  expect(failed().filter((count) => count > 0)).toHaveLength(3);
  expect(markOf()).toBeUndefined();
  expect(cluster.secret(NAMESPACE, "pictify-credentials")?.annotations).not.toHaveProperty(NOTES);
});

test("and the next look rolls the value out once the policy leaves it", async () => {
  const { policy, stand, key, markOf } = await behindPolicy();
  await stand.apply(key);
  policy.isOn = false;

  const { code } = await stand.apply(key);

  expect(code).toBe("ROLLING");
  expect(markOf()).toBe(key.versionId);
});
