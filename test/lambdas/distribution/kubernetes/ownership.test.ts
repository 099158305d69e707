import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../../kubernetes-api/eventually.ts";
import { createDeployment, readWorkload } from "../../../kubernetes-api/workloads.ts";
import { base64, createDistribution, secretTarget } from "../stand.ts";

const NAME = "pictify-credentials";
const MERGE = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
const APPLY = setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply);
const OWN_LABELS = {
  "app.kubernetes.io/managed-by": "keyturn",
  "keyturn.dev/service": "prod",
  "keyturn.dev/key": "web",
};

describeWithKubernetes("a Secret that others have a hand in", (cluster: () => TestCluster) => {
  const read = (namespace: string) => cluster().core.readNamespacedSecret({ name: NAME, namespace });
  const started = async () => {
    const namespace = await cluster().freshNamespace();
    const stand = await createDistribution({ kubeconfig: cluster().kubeconfig });
    return { namespace, stand };
  };
  const edit = (namespace: string, body: object, fieldManager = "kubectl-edit") =>
    cluster().core.patchNamespacedSecret({ name: NAME, namespace, body, fieldManager }, MERGE);
  const applyAs = (namespace: string, fieldManager: string, data: object) =>
    cluster().core.patchNamespacedSecret(
      {
        name: NAME,
        namespace,
        fieldManager,
        force: true,
        body: { apiVersion: "v1", kind: "Secret", metadata: { name: NAME }, data },
      },
      APPLY,
    );

  test.each([
    ["without labels", { data: { "api-key": base64("theirs") } }, "is nobody's by its labels"],
    ["of Helm", { metadata: { labels: { "app.kubernetes.io/managed-by": "Helm" } } }, "is managed by Helm"],
    [
      "of another key",
      { metadata: { labels: { ...OWN_LABELS, "keyturn.dev/key": "other" } } },
      "is written for the key other of the service prod",
    ],
    [
      "of another service",
      { metadata: { labels: { ...OWN_LABELS, "keyturn.dev/service": "stage" } } },
      "is written for the key web of the service stage",
    ],
    [
      "with an owner",
      {
        metadata: {
          labels: OWN_LABELS,
          ownerReferences: [{ apiVersion: "bitnami.com/v1alpha1", kind: "SealedSecret", name: "theirs", uid: "1" }],
        },
      },
      "belongs to the SealedSecret theirs",
    ],
  ])("one %s is not taken", async (_, theirs, reason) => {
    const { namespace, stand } = await started();
    const metadata = { name: NAME, ...("metadata" in theirs ? theirs.metadata : {}) };
    await cluster().core.createNamespacedSecret({ namespace, body: { ...theirs, metadata } });
    const before = await read(namespace);
    const result = await stand.apply(await stand.declare([secretTarget(namespace)]));
    expect(result).toMatchObject({ adopted: false, code: "NOT_OURS", reason: expect.stringContaining(reason) });
    expect(await read(namespace)).toEqual(before);
  });

  test("one is taken once it is handed over by the labels that the refusal names", async () => {
    const { namespace, stand } = await started();
    const body = { metadata: { name: NAME }, data: { "api-key": base64("theirs"), other: base64("x") } };
    await cluster().core.createNamespacedSecret({ namespace, body, fieldManager: "kubectl-create" });
    const key = await stand.declare([secretTarget(namespace)]);
    const { reason = "" } = await stand.apply(key);
    const [, assignments = ""] = /--overwrite ([^;]*)/.exec(reason) ?? [];
    const labels = Object.fromEntries(assignments.split(" ").map((one) => one.split("=")));
    await edit(namespace, { metadata: { labels } }, "kubectl-label");
    await stand.apply(key);
    expect((await read(namespace)).data).toEqual({
      "api-key": base64(key.apiKey),
      "api-key_NEW": base64(key.apiKey),
      other: base64("x"),
    });
  });

  test("a value that was edited by hand is put right, and the workloads are rolled out once more", async () => {
    const { namespace, stand } = await started();
    await createDeployment(cluster(), { namespace, name: "web" });
    const key = await stand.declare([secretTarget(namespace, { restart: [{ kind: "deployment", name: "web" }] })]);
    await stand.apply(key);
    const workload = { kind: "Deployment", namespace, name: "web" } as const;
    const before = await readWorkload(cluster(), workload);
    await edit(namespace, { data: { "api-key": base64("by hand") } });
    expect(await stand.observe(key)).toMatchObject({ adopted: false, code: "BEHIND", behind: true });
    await stand.apply(key);
    await stand.apply(key);
    const after = await readWorkload(cluster(), workload);
    expect((await read(namespace)).data?.["api-key"]).toBe(base64(key.apiKey));
    expect(after.metadata?.generation).toBe((before.metadata?.generation ?? 0) + 1);
  });

  test("a value that was edited by hand and put right has its time anew: files have to follow once more", async () => {
    const { namespace, stand } = await started();
    const key = await stand.declare([secretTarget(namespace)]);
    await stand.apply(key);
    const before = await stand.observe(key);
    await edit(namespace, { data: { "api-key": base64("by hand") } });
    await stand.apply(key);
    const after = await eventually("files have followed", async () => {
      const result = await stand.observe(key);
      return result.adopted && result;
    });
    expect(Date.parse(after.since ?? "")).toBeGreaterThan(Date.parse(before.since ?? ""));
  });

  test("a value that is edited again at once is a conflict, not a fight", async () => {
    const { namespace, stand } = await started();
    const key = await stand.declare([secretTarget(namespace)]);
    await stand.apply(key);
    await edit(namespace, { data: { "api-key": base64("by hand") } });
    await stand.apply(key);
    await edit(namespace, { data: { "api-key": base64("by a robot") } }, "robot");
    const result = await stand.apply(key);
    expect(result).toMatchObject({ adopted: false, code: "CONFLICT" });
    expect(result.reason).toContain(".data.api-key (robot)");
    expect((await read(namespace)).data?.["api-key"]).toBe(base64("by a robot"));
  });

  test("a version that was written over by hand is put right, without another rollout", async () => {
    const { namespace, stand } = await started();
    await createDeployment(cluster(), { namespace, name: "web" });
    const key = await stand.declare([secretTarget(namespace, { restart: [{ kind: "deployment", name: "web" }] })]);
    await stand.apply(key);
    const workload = { kind: "Deployment", namespace, name: "web" } as const;
    const before = await readWorkload(cluster(), workload);
    await edit(namespace, { metadata: { annotations: { "keyturn.dev/version": "another" } } });
    expect(await stand.observe(key)).toMatchObject({
      adopted: false,
      behind: true,
      reason: expect.stringContaining("does not have this version yet"),
    });
    await stand.apply(key);
    expect((await read(namespace)).metadata?.annotations?.["keyturn.dev/version"]).toBe(key.versionId);
    expect((await readWorkload(cluster(), workload)).metadata?.generation).toBe(before.metadata?.generation);
  });

  test.each([
    ["took away", null],
    ["made none", "yesterday"],
    ["put into the future", "2099-01-01T00:00:00.000Z"],
  ])("a time of writing that somebody %s is put right: files would never have had time to follow", async (_, time) => {
    const { namespace, stand } = await started();
    const key = await stand.declare([secretTarget(namespace)]);
    await stand.apply(key);
    await edit(namespace, { metadata: { annotations: { "keyturn.dev/written-at": time } } });
    const edited = await stand.observe(key);
    await stand.apply(key);
    const after = await eventually("it has adopted", async () => {
      const result = await stand.observe(key);
      return result.adopted && result;
    });
    expect(edited).toMatchObject({ adopted: false, behind: true });
    expect(after).not.toHaveProperty("behind");
  });

  test("an old value that was taken out by hand is put back in the overlap, which holds up no adoption", async () => {
    const { namespace, stand } = await started();
    const key = await stand.declare([secretTarget(namespace)]);
    await stand.apply(key);
    await stand.rotate(key);
    await stand.apply(key);
    const { data } = await read(namespace);
    await edit(namespace, { data: { "api-key_OLD": null } });
    expect(await stand.observe(key)).toMatchObject({ adopted: true, behind: true });
    await stand.apply(key);
    expect((await read(namespace)).data).toEqual(data);
  });

  test("a field that another manager keeps applying is a conflict that names manager and field", async () => {
    const { namespace, stand } = await started();
    const key = await stand.declare([secretTarget(namespace)]);
    await stand.apply(key);
    await applyAs(namespace, "argocd-controller", { "api-key": base64("theirs") });
    const result = await stand.apply(key);
    expect(result).toMatchObject({ adopted: false, code: "CONFLICT" });
    expect(result.reason).toContain(".data.api-key (argocd-controller)");
    expect((await read(namespace)).data?.["api-key"]).toBe(base64("theirs"));
  });

  test("an old value that somebody else holds too is left, and named", async () => {
    const { namespace, stand } = await started();
    const key = await stand.declare([secretTarget(namespace)]);
    await stand.apply(key);
    await stand.rotate(key);
    await stand.apply(key);
    await applyAs(namespace, "argocd-controller", { "api-key_OLD": (await read(namespace)).data?.["api-key_OLD"] });
    await stand.retire(key);
    const result = await stand.apply(key);
    expect(result.note).toContain(
      "api-key_OLD stays, as somebody else put it there: .data.api-key_OLD (argocd-controller)",
    );
    expect(result).not.toHaveProperty("behind");
  });
});
