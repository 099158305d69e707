import { AuthorizationV1Api, CoreV1Api, PatchStrategy, setHeaderOptions, VersionApi } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { configOf, type TestCluster, withToken } from "./cluster.ts";
import { describeWithKubernetes } from "./describe-with-kubernetes.ts";
import { eventually } from "./eventually.ts";
import { serviceAccountKubeconfig } from "./service-account.ts";
import { statusOfRefusal } from "./status-of-refusal.ts";

const SERVER_SIDE_APPLY = setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply);

const base64 = (text: string) => Buffer.from(text).toString("base64");

interface Application {
  readonly namespace: string;
  readonly fieldManager: string;
  readonly data: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

/** Server-side apply of the Secret `key`. */
const apply = ({ core }: TestCluster, { namespace, fieldManager, data, immutable = false }: Application) => {
  const encoded = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, base64(value)]));
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "key" }, data: encoded, immutable };
  return core.patchNamespacedSecret({ name: "key", namespace, fieldManager, body: secret }, SERVER_SIDE_APPLY);
};

describeWithKubernetes("the Kubernetes API server of the tests", (cluster) => {
  test("says its version as clients expect it", async () => {
    const { gitVersion, major } = await cluster().config.makeApiClient(VersionApi).getCode();
    expect(gitVersion).toMatch(/^v1\.\d+\.\d+/);
    expect(major).toBe("1");
  });

  test("a field that another manager owns is a conflict, which names manager and field", async () => {
    const namespace = await cluster().freshNamespace();
    await apply(cluster(), { namespace, fieldManager: "somebody", data: { "api-key": "theirs" } });

    const refusal = await statusOfRefusal(
      apply(cluster(), { namespace, fieldManager: "keyturn", data: { "api-key": "ours" } }),
    );

    expect(refusal).toMatchObject({ code: 409, reason: "Conflict" });
    expect(refusal.details?.causes).toEqual([
      { reason: "FieldManagerConflict", message: 'conflict with "somebody"', field: ".data.api-key" },
    ]);
  });

  test("applying the same again changes nothing", async () => {
    const namespace = await cluster().freshNamespace();
    const first = await apply(cluster(), { namespace, fieldManager: "keyturn", data: { "api-key": "a" } });
    const second = await apply(cluster(), { namespace, fieldManager: "keyturn", data: { "api-key": "a" } });
    expect(second.metadata?.resourceVersion).toBe(first.metadata?.resourceVersion);
  });

  test("an immutable Secret cannot be changed", async () => {
    const namespace = await cluster().freshNamespace();
    const fieldManager = "keyturn";
    await apply(cluster(), { namespace, fieldManager, data: { "api-key": "a" }, immutable: true });

    const change = apply(cluster(), { namespace, fieldManager, data: { "api-key": "b" }, immutable: true });

    expect(await statusOfRefusal(change)).toMatchObject({
      code: 422,
      reason: "Invalid",
      message: expect.stringContaining("immutable"),
    });
  });

  test("a service account may do what its Role says, and nothing beside it", async () => {
    const namespace = await cluster().freshNamespace();
    await apply(cluster(), { namespace, fieldManager: "keyturn", data: { "api-key": "a" } });
    const kubeconfig = await serviceAccountKubeconfig(cluster(), {
      namespace,
      rules: [{ apiGroups: [""], resources: ["secrets"], resourceNames: ["key"], verbs: ["get"] }],
    });
    const limited = configOf(kubeconfig).makeApiClient(CoreV1Api);

    const read = await limited.readNamespacedSecret({ namespace, name: "key" });
    const refusal = await statusOfRefusal(limited.deleteNamespacedSecret({ namespace, name: "key" }));

    expect(read.data).toEqual({ "api-key": base64("a") });
    expect(refusal).toMatchObject({ code: 403, reason: "Forbidden" });
    expect(refusal.message).toContain(
      `cannot delete resource "secrets" in API group "" in the namespace "${namespace}"`,
    );
  });

  test("a token that nobody gave out is refused", async () => {
    const stranger = configOf(withToken(cluster(), "made-up"));
    const review = { spec: { resourceAttributes: { verb: "get", resource: "secrets" } } };
    const ask = stranger.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({ body: review });
    expect(await statusOfRefusal(ask)).toMatchObject({ code: 401 });
  });

  test("what belongs to an object that is deleted goes with it", async () => {
    const { core } = cluster();
    const namespace = await cluster().freshNamespace();
    const owner = await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: "owner" } } });
    const { name = "", uid = "" } = owner.metadata ?? {};
    const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name, uid }];
    await core.createNamespacedSecret({ namespace, body: { metadata: { name: "owned", ownerReferences } } });

    await core.deleteNamespacedConfigMap({ namespace, name });

    await eventually("the Secret is gone", async () => {
      const { items } = await core.listNamespacedSecret({ namespace });
      return items.length === 0;
    });
  });

  test("a namespace that is deleted takes its objects along", async () => {
    const { core } = cluster();
    const namespace = await cluster().freshNamespace();
    await apply(cluster(), { namespace, fieldManager: "keyturn", data: { "api-key": "a" } });

    await core.deleteNamespace({ name: namespace });

    await eventually("the namespace is gone", async () => {
      const { items } = await core.listNamespace({ fieldSelector: `metadata.name=${namespace}` });
      return items.length === 0;
    });
    expect(await statusOfRefusal(core.readNamespacedSecret({ namespace, name: "key" }))).toMatchObject({ code: 404 });
  });
});
