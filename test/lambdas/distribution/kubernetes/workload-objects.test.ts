import { PatchStrategy, setHeaderOptions, type V1ObjectMeta } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import type { Workload as DeclaredWorkload } from "../../../../lambdas/contracts/targets.ts";
import { type ClusterSend, sendOverHttps } from "../../../../lambdas/targets/kubernetes/transport.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../../kubernetes-api/eventually.ts";
import { podsOf, untilRolledOut } from "../../../kubernetes-api/rollout.ts";
import { createDeployment, createStatefulSet, readWorkload } from "../../../kubernetes-api/workloads.ts";
import { createDistribution, secretTarget } from "../stand.ts";

const STAMP = "version.keyturn.dev/pictify-credentials";
const DEPLOYMENT = { kind: "deployment", name: "web" } as const;

/** All fields that a manager holds, as paths. */
const fieldsOf = (tree: unknown, path = ""): readonly string[] =>
  Object.entries(tree as object).flatMap(([field, below]) => {
    const here = `${path}/${field}`;
    return Object.keys(below as object).length === 0 ? [here] : fieldsOf(below, here);
  });

const fieldsOfKeyturn = ({ managedFields = [] }: V1ObjectMeta = {}): readonly string[] =>
  managedFields.filter(({ manager }) => manager === "keyturn").flatMap(({ fieldsV1 }) => fieldsOf(fieldsV1));

describeWithKubernetes("a workload", (cluster: () => TestCluster) => {
  const started = async (restart: readonly DeclaredWorkload[], send: ClusterSend = sendOverHttps) => {
    const namespace = await cluster().freshNamespace();
    const stand = await createDistribution({ kubeconfig: cluster().kubeconfig, world: { send } });
    return { namespace, stand, key: await stand.declare([secretTarget(namespace, { restart })]) };
  };

  test("is changed in one annotation of its pod template, and in nothing else", async () => {
    const { namespace, stand, key } = await started([DEPLOYMENT]);
    const workload = { kind: "Deployment", namespace, name: "web" } as const;
    const annotations = { "example.com/theirs": "x" };
    await createDeployment(cluster(), { namespace, annotations });
    const before = await readWorkload(cluster(), workload);
    await stand.apply(key);
    const after = await readWorkload(cluster(), workload);
    const { template, ...rest } = before.spec ?? {};
    expect(after.spec).toEqual({
      ...rest,
      template: {
        ...template,
        metadata: { ...template?.metadata, annotations: { ...annotations, [STAMP]: key.versionId } },
      },
    });
    expect(fieldsOfKeyturn(after.metadata)).toEqual([`/f:spec/f:template/f:metadata/f:annotations/f:${STAMP}`]);
  });

  test("that finds its pods by expressions has not adopted while one of them is old", async () => {
    const { namespace, stand, key } = await started([DEPLOYMENT]);
    const matchExpressions = [
      { key: "app", operator: "In", values: ["web", "api"] },
      { key: "track", operator: "NotIn", values: ["canary"] },
      { key: "app", operator: "Exists" },
      { key: "legacy", operator: "DoesNotExist" },
    ];
    await createDeployment(cluster(), { namespace, spec: { selector: { matchExpressions } } });
    await untilRolledOut(cluster(), { kind: "Deployment", namespace, name: "web" });
    await cluster().apps.patchNamespacedDeployment(
      { name: "web", namespace, body: { spec: { paused: true } } },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    await stand.apply(key);
    const { reason } = await eventually("the controller has seen the template", async () => {
      const result = await stand.observe(key);
      return result.code === "STUCK" && result;
    });
    expect(reason).toContain("deployment/web is paused"); // said only where an old pod was found
  });

  test("has all its pods looked at, however many pages the API server lists them in", async () => {
    let pages = 0;
    const send: ClusterSend = (endpoint, request) => {
      if (request.path.includes("/pods?")) pages++;
      return sendOverHttps(endpoint, { ...request, path: request.path.replace(/limit=\d+/, "limit=1") });
    };
    const { namespace, stand, key } = await started([{ kind: "statefulset", name: "web" }], send);
    await createStatefulSet(cluster(), { namespace, spec: { updateStrategy: { type: "OnDelete" } } });
    const workload = { kind: "StatefulSet", namespace, name: "web" } as const;
    await eventually("both pods run", async () => (await podsOf(cluster(), workload)).length === 2);
    await stand.apply(key);
    await cluster().core.deleteNamespacedPod({ name: "web-0", namespace });
    await eventually("web-0 is new", async () =>
      (await podsOf(cluster(), workload)).some(({ metadata }) => metadata?.annotations?.[STAMP] === key.versionId),
    );
    pages = 0;
    const { reason } = await stand.observe(key);
    expect(reason).toContain("has the update strategy OnDelete: delete its old pods web-1");
    expect(pages).toBeGreaterThan(1);
  });
});
