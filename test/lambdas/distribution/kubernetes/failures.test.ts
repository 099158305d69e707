import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../../kubernetes-api/eventually.ts";
import { defineExternalSecrets } from "../../../kubernetes-api/external-secrets.ts";
import { startFaultyFront } from "../../../kubernetes-api/faulty-front.ts";
import { startOwnCluster } from "../../../kubernetes-api/own-cluster.ts";
import { untilRolledOut } from "../../../kubernetes-api/rollout.ts";
import { createDeployment } from "../../../kubernetes-api/workloads.ts";
import { externalTarget } from "../operator.ts";
import { createDistribution, secretTarget } from "../stand.ts";

const restart = [{ kind: "deployment", name: "web" }] as const;

describeWithKubernetes(
  "an API server that fails",
  (cluster: () => TestCluster) => {
    const declared = async (kubeconfig: string, options: object = {}) => {
      const namespace = await cluster().freshNamespace();
      await createDeployment(cluster(), { namespace });
      await untilRolledOut(cluster(), { kind: "Deployment", namespace, name: "web" });
      const stand = await createDistribution({ kubeconfig, ...options });
      const key = await stand.declare([secretTarget(namespace, { restart })]);
      return { namespace, stand, key };
    };

    test("is waited for as long as it asks", async () => {
      const front = await startFaultyFront(cluster());
      const { stand, key } = await declared(front.through(cluster().kubeconfig), { timeoutMs: 8_000 });
      const headers = { "Retry-After": "10" };
      front.decideBy(() => ({ kind: "answer", status: 429, headers }));
      const result = await stand.apply(key);
      expect(result).toMatchObject({ adopted: false, code: "RATE_LIMITED" });
      expect(front.requests.length).toBe(1);
    });

    test.each([
      ["always answers 503", { kind: "answer", status: 503 }, "UNAVAILABLE"],
      ["always cuts the connection", { kind: "cut" }, "UNREACHABLE"],
      ["always answers 401", { kind: "answer", status: 401 }, "UNAUTHORIZED"],
    ] as const)("that %s is reported as such, in time", async (_, fault, code) => {
      const front = await startFaultyFront(cluster());
      const { stand, key } = await declared(front.through(cluster().kubeconfig), { timeoutMs: 8_000 });
      front.decideBy(() => fault);
      expect(await stand.apply(key)).toMatchObject({ adopted: false, code });
    });

    test("that has each write changed by somebody else is reported, after a few tries", async () => {
      const front = await startFaultyFront(cluster());
      const { stand, key } = await declared(front.through(cluster().kubeconfig));
      front.decideBy(({ method }) => (method === "PATCH" ? { kind: "answer", status: 409 } : undefined));
      const result = await stand.apply(key);
      expect(result).toMatchObject({ adopted: false, code: "CHANGED" });
      expect(front.requests.filter(({ method }) => method === "PATCH")).toHaveLength(6);
    });

    test("a namespace that is gone is named", async () => {
      const stand = await createDistribution({ kubeconfig: cluster().kubeconfig });
      const key = await stand.declare([secretTarget("no-such-namespace")]);
      const result = await stand.apply(key);
      expect(result).toMatchObject({ adopted: false, code: "NOT_FOUND" });
      expect(result.reason).toContain("no namespace no-such-namespace");
      expect(await stand.observe(key)).toMatchObject({ adopted: false, code: "BEHIND" });
    });

    test("a namespace that is being deleted is named, and its workload and Secret are missed", async () => {
      const { namespace, stand, key } = await declared(cluster().kubeconfig);
      await stand.apply(key);
      await eventually("it has adopted", async () => (await stand.observe(key)).adopted);
      const holdUp = { metadata: { name: "hold", finalizers: ["keyturn.test/hold"] } };
      await cluster().core.createNamespacedConfigMap({ namespace, body: holdUp });
      await cluster().core.deleteNamespace({ name: namespace });
      const emptied = await eventually("what was in it is gone", async () => {
        const result = await stand.observe(key);
        return result.reason?.includes("is not there") && result;
      });
      const refused = await stand.apply(key);
      const path = { name: "hold", namespace };
      const body = [{ op: "remove", path: "/metadata/finalizers" }];
      await cluster().core.patchNamespacedConfigMap(
        { ...path, body },
        setHeaderOptions("Content-Type", PatchStrategy.JsonPatch),
      );
      expect(emptied).toMatchObject({ adopted: false, code: "BEHIND", behind: true });
      expect(refused).toMatchObject({ adopted: false, code: "NOT_FOUND" });
      expect(refused.reason).toContain(`the namespace ${namespace} is being deleted`);
    });

    test.each([
      ["without External Secrets", []],
      ["with External Secrets of before 0.17", ["v1beta1"]],
    ])("one %s is told which to install", async (_, versions) => {
      const own = await startOwnCluster();
      if (versions.length > 0) await defineExternalSecrets(own, versions);
      const stand = await createDistribution({ kubeconfig: own.kubeconfig });
      const key = await stand.declare([externalTarget(await own.freshNamespace())]);
      const result = await stand.apply(key);
      expect(result).toMatchObject({ adopted: false, code: "NOT_FOUND" });
      expect(result.reason).toContain(
        "knows no externalsecrets of external-secrets.io/v1; install the External Secrets",
      );
    });

    test("one with another certificate is not spoken to", async () => {
      const { kubeconfig } = cluster();
      const wrong = kubeconfig.replace(/(certificate-authority-data: ).*/, "$1");
      const stand = await createDistribution({ kubeconfig: wrong });
      const key = await stand.declare([secretTarget("default")]);
      expect(await stand.apply(key)).toMatchObject({ adopted: false, code: "BAD_ACCESS" });
    });
  },
  { ownServer: true },
);
