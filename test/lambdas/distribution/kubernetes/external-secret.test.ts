import { CustomObjectsApi, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { beforeAll, expect, test } from "vitest";
import type { ExternalSecretDeclaration } from "../../../../lambdas/contracts/targets.ts";
import { rulesOf } from "../../../../lambdas/targets/kubernetes/rules.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../../kubernetes-api/eventually.ts";
import { installExternalSecrets } from "../../../kubernetes-api/external-secrets.ts";
import { serviceAccountKubeconfig } from "../../../kubernetes-api/service-account.ts";
import { createDeployment, readWorkload } from "../../../kubernetes-api/workloads.ts";
import { base64, createDistribution, type DistributionStand, secretTarget } from "../stand.ts";

const NAME = "pictify-credentials";
const KIND = { group: "external-secrets.io", version: "v1", plural: "externalsecrets" } as const;
const MERGE = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

interface ExternalSecret {
  readonly metadata: {
    uid: string;
    generation: number;
    annotations: Record<string, string>;
    labels: Record<string, string>;
  };
  readonly spec: {
    refreshInterval: string;
    data: { secretKey: string; remoteRef: { key: string; property: string; version: string } }[];
  };
}

const externalTarget = (
  namespace: string,
  changes: Partial<ExternalSecretDeclaration> = {},
): ExternalSecretDeclaration => ({
  ...secretTarget(namespace),
  kind: "external-secret",
  store: { kind: "ClusterSecretStore", name: "aws" },
  refreshMs: 24 * 3_600_000,
  ...changes,
});

describeWithKubernetes("an ExternalSecret", (cluster: () => TestCluster) => {
  beforeAll(() => installExternalSecrets(cluster()), 120_000);

  const objects = () => cluster().config.makeApiClient(CustomObjectsApi);
  const read = async (namespace: string): Promise<ExternalSecret> =>
    (await objects().getNamespacedCustomObject({ ...KIND, namespace, name: NAME })) as ExternalSecret;
  const started = async (changes: Partial<ExternalSecretDeclaration> = {}, timeoutMs = 9_000) => {
    const namespace = await cluster().freshNamespace();
    const stand = await createDistribution({ kubeconfig: cluster().kubeconfig, timeoutMs });
    return { namespace, stand, key: await stand.declare([externalTarget(namespace, changes)]) };
  };

  /**
   * What the operator does, in its place: it reads what the ExternalSecret names from Secrets Manager, and writes the Secret
   * with the ExternalSecret's labels and annotations, as its owner.
   */
  const operate = async (stand: DistributionStand, namespace: string): Promise<void> => {
    const { metadata, spec } = await read(namespace);
    const data: Record<string, string> = {};
    for (const { secretKey, remoteRef } of spec.data) {
      const input = { SecretId: remoteRef.key, VersionId: remoteRef.version.replace("uuid/", "") };
      const { SecretString } = await stand.aws<{ SecretString: string }>("GetSecretValue", input);
      data[secretKey] = base64(JSON.parse(SecretString)[remoteRef.property]);
    }
    const { labels, annotations, uid } = metadata;
    const owner = { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", name: NAME, uid, controller: true };
    const body = { metadata: { name: NAME, labels, annotations, ownerReferences: [owner] }, data };
    const fieldManager = "externalsecrets.external-secrets.io/pictify-credentials";
    try {
      await cluster().core.createNamespacedSecret({ namespace, body, fieldManager });
    } catch {
      await cluster().core.replaceNamespacedSecret({ namespace, name: NAME, body, fieldManager });
    }
  };

  const whileOperating = async <Result>(
    stand: DistributionStand,
    namespace: string,
    work: Promise<Result>,
  ): Promise<Result> => {
    await eventually("the ExternalSecret is there", async () =>
      read(namespace).then(
        () => true,
        () => false,
      ),
    );
    await operate(stand, namespace);
    return work;
  };

  test("names the exact version, and has the operator look at once", async () => {
    const { namespace, stand, key } = await started();
    await whileOperating(stand, namespace, stand.apply(key));
    const { metadata, spec } = await read(namespace);
    const remoteRef = { key: key.name, property: "apiKey", version: `uuid/${key.versionId}` };
    expect(spec).toMatchObject({
      refreshInterval: "86400s",
      secretStoreRef: { kind: "ClusterSecretStore", name: "aws" },
      target: { name: NAME, creationPolicy: "Owner" },
      data: [
        { secretKey: "api-key", remoteRef },
        { secretKey: "api-key_NEW", remoteRef },
      ],
    });
    expect(metadata.annotations).toMatchObject({ "force-sync": key.versionId, "keyturn.dev/version": key.versionId });
    expect(metadata.labels["app.kubernetes.io/managed-by"]).toBe("keyturn");
  });

  test("has adopted once the operator's Secret holds the value, and not before", async () => {
    const { namespace, stand, key } = await started();
    const waiting = await stand.apply(key);
    await operate(stand, namespace);
    const written = await eventually("it has adopted", async () => {
      const result = await stand.observe(key);
      return result.adopted && result;
    });
    await stand.rotate(key);
    const behind = await stand.observe(key);
    const told = await stand.apply(key);
    expect(waiting).toMatchObject({ adopted: false, code: "WAITING" });
    expect(written.adopted).toBe(true);
    expect(behind).toMatchObject({ adopted: false, code: "BEHIND", behind: true });
    expect(told).toMatchObject({ adopted: false, code: "WAITING" });
  });

  test("rolls workloads out when the Secret has the value, not when it was asked for", async () => {
    const { namespace, stand, key } = await started({ restart: [{ kind: "deployment", name: "web" }] });
    await createDeployment(cluster(), { namespace });
    await stand.apply(key);
    const workload = { kind: "Deployment", namespace, name: "web" } as const;
    const early = await readWorkload(cluster(), workload);
    await operate(stand, namespace);
    expect(await stand.observe(key)).toMatchObject({ code: "BEHIND", behind: true });
    await stand.apply(key);
    await eventually("it has adopted", async () => (await stand.observe(key)).adopted);
    const annotations = (await readWorkload(cluster(), workload)).spec?.template.metadata?.annotations;
    expect(early.spec?.template.metadata?.annotations ?? {}).toEqual({});
    expect(annotations?.[`version.keyturn.dev/${NAME}`]).toBe(key.versionId);
  });

  test("has the old version beside it in the overlap, by its id, and not after it", async () => {
    const { namespace, stand, key } = await started();
    await whileOperating(stand, namespace, stand.apply(key));
    const old = key.versionId;
    await stand.rotate(key);
    await stand.apply(key);
    const inOverlap = (await read(namespace)).spec.data;
    await operate(stand, namespace);
    await stand.retire(key);
    const afterwards = await stand.observe(key);
    await stand.apply(key);
    expect(inOverlap.map(({ secretKey, remoteRef }) => [secretKey, remoteRef.version])).toEqual([
      ["api-key", `uuid/${key.versionId}`],
      ["api-key_NEW", `uuid/${key.versionId}`],
      ["api-key_OLD", `uuid/${old}`],
    ]);
    expect(afterwards).toMatchObject({ adopted: true, behind: true });
    expect((await read(namespace)).spec.data.map(({ secretKey }) => secretKey)).toEqual(["api-key", "api-key_NEW"]);
  });

  test("that the operator cannot serve says why", async () => {
    const { namespace, stand, key } = await started();
    await stand.apply(key);
    const condition = {
      type: "Ready",
      status: "False",
      reason: "SecretSyncedError",
      message: "could not get secret data from provider",
      lastTransitionTime: new Date().toISOString(),
    };
    const body = { status: { conditions: [condition] } };
    await objects().patchNamespacedCustomObjectStatus({ ...KIND, namespace, name: NAME, body }, MERGE);
    const result = await stand.observe(key);
    expect(result).toMatchObject({ adopted: false, code: "STUCK" });
    expect(result.reason).toContain("SecretSyncedError: could not get secret data from provider");
  });

  test("is not changed by applying the same again", async () => {
    const { namespace, stand, key } = await started();
    await whileOperating(stand, namespace, stand.apply(key));
    const before = await read(namespace);
    await stand.apply(key);
    expect((await read(namespace)).metadata).toEqual(before.metadata);
  });

  test("of somebody else is not taken", async () => {
    const { namespace, stand, key } = await started();
    const spec = { secretStoreRef: { name: "theirs", kind: "SecretStore" }, data: [] };
    const body = { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", metadata: { name: NAME }, spec };
    await objects().createNamespacedCustomObject({ ...KIND, namespace, body });
    expect(await stand.apply(key)).toMatchObject({ adopted: false, code: "NOT_OURS" });
  });

  test("needs exactly the rights of its rules", async () => {
    const namespace = await cluster().freshNamespace();
    const [needed] = rulesOf([externalTarget(namespace)]);
    const rules = (needed?.rules ?? []).map(({ apiGroups, resources, resourceNames = [], verbs }) => ({
      apiGroups: [...apiGroups],
      resources: [...resources],
      resourceNames: [...resourceNames],
      verbs: [...verbs],
    }));
    const kubeconfig = await serviceAccountKubeconfig(cluster(), { namespace, rules });
    const stand = await createDistribution({ kubeconfig, timeoutMs: 9_000 });
    const key = await stand.declare([externalTarget(namespace)]);
    expect(await whileOperating(stand, namespace, stand.apply(key))).toMatchObject({ adopted: expect.any(Boolean) });
    await eventually("it has adopted", async () => (await stand.observe(key)).adopted);
  });
});
