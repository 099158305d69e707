import { expect, test } from "vitest";
import { systemClock } from "../../../../lambdas/clock.ts";
import { placeGrantOf } from "../../../../lambdas/contracts/place-grant.ts";
import { type ClusterSend, sendOverHttps } from "../../../../lambdas/targets/kubernetes/transport.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../../kubernetes-api/eventually.ts";
import { createDeployment } from "../../../kubernetes-api/workloads.ts";
import { plainKubeconfig } from "../plain-kubeconfig.ts";
import { CLUSTER, createDistribution, secretTarget } from "../stand.ts";

const KEYS = 10;
const TARGETS_OF_A_KEY = 10;
const HUNG = "https://hung.test:6443";

const hungKubeconfig = plainKubeconfig(HUNG, { token: "token-of-the-hung-cluster" });

/** A way to the cluster, and how many requests were under way at once. */
const counting = () => {
  let [open, most] = [0, 0];
  const send: ClusterSend = async (endpoint, request) => {
    most = Math.max(most, ++open);
    try {
      return await sendOverHttps(endpoint, request);
    } finally {
      open--;
    }
  };
  return { send, most: () => most };
};

describeWithKubernetes("many targets", (cluster: () => TestCluster) => {
  test("100 of 10 keys are done by one invocation, a few at once", async () => {
    const { send, most } = counting();
    const namespaces = [await cluster().freshNamespace(), await cluster().freshNamespace()];
    const stand = await createDistribution({ kubeconfig: cluster().kubeconfig, world: { send } });
    const targetsOf = (key: number) =>
      Array.from({ length: TARGETS_OF_A_KEY }, (_, index) =>
        secretTarget(namespaces[index % 2] ?? "", { id: `t${index}`, name: `key-${key}-${index}` }),
      );
    const keys = [];
    for (let key = 0; key < KEYS; key++) keys.push(await stand.declare(targetsOf(key), `key-${key}`));
    const beganMs = systemClock.now();
    const { targets, failed } = await stand.ask("apply", keys);
    const tookMs = systemClock.now() - beganMs;
    const observed = await stand.ask("observe", keys);
    console.log(`100 targets: apply ${tookMs} ms, at most ${most()} requests at once`);
    expect(failed).toEqual([]);
    expect(targets).toHaveLength(KEYS * TARGETS_OF_A_KEY);
    expect(new Set(targets.map(({ code }) => code ?? "adopted"))).toEqual(new Set(["adopted"]));
    expect(observed.targets.filter(({ adopted }) => adopted)).toHaveLength(KEYS * TARGETS_OF_A_KEY);
    expect(most()).toBeGreaterThan(1);
    expect(most()).toBeLessThanOrEqual(8);
  });

  test("with many workloads do a few of them at once, and all of them", async () => {
    const WORKLOADS = 12;
    const { send, most } = counting();
    const namespace = await cluster().freshNamespace();
    const restart = Array.from(
      { length: WORKLOADS },
      (_, index) => ({ kind: "deployment", name: `web-${index}` }) as const,
    );
    for (const { name } of restart) await createDeployment(cluster(), { namespace, name, spec: { replicas: 1 } });
    const stand = await createDistribution({ kubeconfig: cluster().kubeconfig, world: { send } });
    const key = await stand.declare([secretTarget(namespace, { restart })]);
    await stand.apply(key);
    await eventually("it has adopted", async () => (await stand.observe(key)).adopted);
    expect(most()).toBeGreaterThan(1);
    expect(most()).toBeLessThanOrEqual(4);
  });

  test("one that hangs, one that is wrong and one that is not granted do not hold up the others", async () => {
    const namespace = await cluster().freshNamespace();
    const send: ClusterSend = (endpoint, request) =>
      endpoint.server === HUNG ? new Promise(() => {}) : sendOverHttps(endpoint, request);
    const hung = secretTarget(namespace, { id: "hung", cluster: "hung" });
    const serves = [placeGrantOf("keyturn/prod/*", hung)];
    const stand = await createDistribution({
      kubeconfig: cluster().kubeconfig,
      world: { send },
      timeoutMs: 18_000,
      clusters: { hung: { access: { kubeconfigSecret: "keyturn/clusters/hung" }, serves } },
    });
    await stand.aws("CreateSecret", { Name: "keyturn/clusters/hung", SecretString: hungKubeconfig });
    const key = await stand.declare([
      hung,
      secretTarget(namespace),
      secretTarget(namespace, { id: "also", name: "also" }),
    ]);
    await stand.aws("TagResource", {
      SecretId: key.arn,
      Tags: [
        { Key: "keyturn:target:wrong", Value: "kubernetes/test/Not A Namespace/x/api-key" },
        { Key: "keyturn:target:greedy", Value: `kubernetes/${CLUSTER}/kube-system/x/api-key` },
      ],
    });
    const { targets } = await stand.ask("apply", [key]);
    const codes = Object.fromEntries(targets.map(({ id, adopted, code }) => [id, adopted ? "adopted" : code]));
    expect(codes).toEqual({
      also: "adopted",
      greedy: "NOT_GRANTED",
      hung: "TIMEOUT",
      web: "adopted",
      wrong: "BAD_INPUT",
    });
    expect(stand.lines.join()).not.toContain("token-of-the-hung-cluster");
  });

  test("more that hang than there are places in their cluster do not hold up those of another", async () => {
    const HUNG_TARGETS = 9;
    const namespace = await cluster().freshNamespace();
    const send: ClusterSend = (endpoint, request) =>
      endpoint.server === HUNG ? new Promise(() => {}) : sendOverHttps(endpoint, request);
    const hung = Array.from({ length: HUNG_TARGETS }, (_, index) =>
      secretTarget(namespace, { id: `hung-${index}`, cluster: "hung", name: `hung-${index}` }),
    );
    const serves = hung.map((target) => placeGrantOf("keyturn/prod/*", target));
    const stand = await createDistribution({
      kubeconfig: cluster().kubeconfig,
      world: { send },
      timeoutMs: 16_000,
      clusters: { hung: { access: { kubeconfigSecret: "keyturn/clusters/hung" }, serves } },
    });
    await stand.aws("CreateSecret", { Name: "keyturn/clusters/hung", SecretString: hungKubeconfig });
    const { targets } = await stand.ask("apply", [await stand.declare([...hung, secretTarget(namespace)])]);
    const codes = Object.fromEntries(targets.map(({ id, adopted, code }) => [id, adopted ? "adopted" : code]));
    expect(codes.web).toBe("adopted");
    expect(targets.filter(({ adopted }) => !adopted)).toHaveLength(HUNG_TARGETS);
  });

  test("a secret that is not there does not hold up the others", async () => {
    const namespace = await cluster().freshNamespace();
    const stand = await createDistribution({ kubeconfig: cluster().kubeconfig });
    const key = await stand.declare([secretTarget(namespace)]);
    const gone = { arn: `${key.arn}-gone`, versionId: key.versionId };
    const { targets, failed } = await stand.ask("apply", [gone, key]);
    expect(targets).toMatchObject([{ arn: key.arn, adopted: true }]);
    expect(failed).toMatchObject([{ arn: gone.arn, code: "NOT_MANAGED" }]);
  });
});
