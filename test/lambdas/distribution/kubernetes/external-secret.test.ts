import { beforeAll, expect, test } from "vitest";
import type { ExternalSecretDeclaration } from "../../../../lambdas/contracts/targets.ts";
import { type PolicyRule, rulesOf } from "../../../../lambdas/targets/kubernetes/rules.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../../kubernetes-api/eventually.ts";
import { installExternalSecrets } from "../../../kubernetes-api/external-secrets.ts";
import { keyVariable } from "../../../kubernetes-api/pod-template.ts";
import { rulesWithout } from "../../../kubernetes-api/policy-rules.ts";
import { serviceAccountKubeconfig } from "../../../kubernetes-api/service-account.ts";
import { createDeployment, readWorkload } from "../../../kubernetes-api/workloads.ts";
import { externalSecretsIn, externalTarget } from "../operator.ts";
import { base64, createDistribution, type DistributionStand } from "../stand.ts";

const NAME = "pictify-credentials";
describeWithKubernetes("an ExternalSecret", (cluster: () => TestCluster) => {
  beforeAll(() => installExternalSecrets(cluster()), 120_000);

  const read = (namespace: string) => externalSecretsIn(cluster()).read(namespace);
  const edit = (namespace: string, body: object) => externalSecretsIn(cluster()).edit(namespace, body);
  const operate = (stand: DistributionStand, namespace: string) =>
    externalSecretsIn(cluster()).operate(stand, namespace);
  const started = async (changes: Partial<ExternalSecretDeclaration> = {}, timeoutMs = 7_000) => {
    const namespace = await cluster().freshNamespace();
    const stand = await createDistribution({ kubeconfig: cluster().kubeconfig, timeoutMs });
    return { namespace, stand, key: await stand.declare([externalTarget(namespace, changes)]) };
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

  test("that feeds mounted files has not adopted before these have had time to follow the operator", async () => {
    const { namespace, stand, key } = await started({ delayMs: 3_600_000 });
    await whileOperating(stand, namespace, stand.apply(key));
    const { metadata } = await cluster().core.readNamespacedSecret({ name: NAME, namespace });
    const written = metadata?.managedFields?.[0]?.time ?? new Date(0);
    const result = await stand.observe(key);
    expect(result).toMatchObject({ adopted: false, code: "WAITING" });
    expect(result.reason).toBe(
      `mounted files have the value by ${new Date(new Date(written).getTime() + 3_600_000).toISOString()}`,
    );
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

  test("keeps the old entry, with the current version, while a declared workload requires it", async () => {
    const { namespace, stand, key } = await started({ restart: [{ kind: "deployment", name: "web" }] });
    const env = [keyVariable("PICTIFY_API_KEY_OLD", { key: "api-key_OLD" })];
    await createDeployment(cluster(), { namespace, container: { env } });
    await whileOperating(stand, namespace, stand.apply(key));
    await stand.rotate(key);
    await stand.apply(key);
    await stand.retire(key);
    await stand.apply(key);
    const entries = (await read(namespace)).spec.data.map(({ secretKey, remoteRef }) => [secretKey, remoteRef.version]);
    await operate(stand, namespace);
    const { note } = await stand.apply(key);
    expect(entries).toContainEqual(["api-key_OLD", `uuid/${key.versionId}`]);
    expect(note).toContain("api-key_OLD stays, with the current value, as deployment/web requires it");
  });

  test("edited by hand to another version is put right, and the workloads are rolled out once more", async () => {
    const { namespace, stand, key } = await started({ restart: [{ kind: "deployment", name: "web" }] }, 30_000);
    await createDeployment(cluster(), { namespace });
    const old = key.versionId;
    await stand.rotate(key);
    await whileOperating(stand, namespace, stand.apply(key));
    const workload = { kind: "Deployment", namespace, name: "web" } as const;
    const before = await readWorkload(cluster(), workload);
    const { spec } = await read(namespace);
    const data = spec.data.map((one) => ({ ...one, remoteRef: { ...one.remoteRef, version: `uuid/${old}` } }));
    await edit(namespace, { spec: { data } });
    await operate(stand, namespace);
    const edited = await stand.observe(key);
    const applying = stand.apply(key);
    await eventually("it is put right", async () =>
      (await read(namespace)).spec.data.every(
        ({ secretKey, remoteRef }) => secretKey.endsWith("_OLD") || remoteRef.version === `uuid/${key.versionId}`,
      ),
    );
    await operate(stand, namespace);
    await applying;
    await eventually("it has adopted", async () => (await stand.observe(key)).adopted);
    await stand.apply(key);
    const after = await readWorkload(cluster(), workload);
    expect(edited).toMatchObject({ adopted: false, behind: true });
    expect(after.metadata?.generation).toBe((before.metadata?.generation ?? 0) + 1);
  });

  test("that is edited again at once is a conflict, not a fight", async () => {
    const { namespace, stand, key } = await started();
    await whileOperating(stand, namespace, stand.apply(key));
    await edit(namespace, { spec: { data: [] } });
    await stand.apply(key);
    await edit(namespace, { spec: { data: [] } });
    const result = await stand.apply(key);
    expect(result).toMatchObject({ adopted: false, code: "CONFLICT" });
    expect(result.reason).toContain(".spec.data (kubectl-edit)");
  });

  test.each([
    ["store", { secretStoreRef: { name: "theirs" } }],
    ["interval", { refreshInterval: "1s" }],
    ["policy", { target: { creationPolicy: "Merge" } }],
  ])("whose %s was edited by hand is put right by the next pass", async (_, spec) => {
    const { namespace, stand, key } = await started();
    await whileOperating(stand, namespace, stand.apply(key));
    const before = await read(namespace);
    await edit(namespace, { spec });
    const edited = await stand.observe(key);
    await stand.apply(key);
    expect(edited).toMatchObject({ behind: true });
    expect((await read(namespace)).spec).toEqual(before.spec);
    expect(await stand.observe(key)).not.toHaveProperty("behind");
  });

  test("is not made where the operator would take over a Secret of somebody else", async () => {
    const { namespace, stand, key } = await started();
    const body = { metadata: { name: NAME }, data: { "api-key": base64("theirs") } };
    await cluster().core.createNamespacedSecret({ namespace, body });
    const result = await stand.apply(key);
    expect(result).toMatchObject({ adopted: false, code: "NOT_OURS" });
    expect(result.reason).toContain(`secrets ${namespace}/${NAME} is nobody's by its labels`);
    await expect(read(namespace)).rejects.toThrow();
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
    await externalSecretsIn(cluster()).report(namespace, condition);
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
    await externalSecretsIn(cluster()).create(namespace, {
      secretStoreRef: { name: "theirs", kind: "SecretStore" },
      data: [],
    });
    expect(await stand.apply(key)).toMatchObject({ adopted: false, code: "NOT_OURS" });
  });

  const rulesIn = (namespace: string) => rulesOf([externalTarget(namespace)])[0]?.rules ?? [];
  const startedWith = async (namespace: string, rules: readonly PolicyRule[]) => {
    const kubeconfig = await serviceAccountKubeconfig(cluster(), { namespace, rules });
    const stand = await createDistribution({ kubeconfig, timeoutMs: 20_000 });
    return { stand, key: await stand.declare([externalTarget(namespace)]) };
  };
  const RIGHTS = rulesIn("any").flatMap(({ resources, verbs }) => verbs.map((verb) => [verb, resources[0] ?? ""]));

  test.each(RIGHTS)("without the right to %s %s is refused with the rule to add", async (verb, resource) => {
    const namespace = await cluster().freshNamespace();
    const { stand, key } = await startedWith(namespace, rulesWithout(rulesIn(namespace), verb, resource));
    const result = await stand.apply(key);
    expect(result).toMatchObject({ adopted: false, code: "FORBIDDEN" });
    expect(result.reason).toMatch(
      new RegExp(`add .*"${resource}".*"${verb}".* in a Role of the namespace ${namespace}`),
    );
  });

  test("needs exactly the rights of its rules", async () => {
    const namespace = await cluster().freshNamespace();
    const { stand, key } = await startedWith(namespace, rulesIn(namespace));
    expect(await whileOperating(stand, namespace, stand.apply(key))).toMatchObject({ adopted: expect.any(Boolean) });
    await eventually("it has adopted", async () => (await stand.observe(key)).adopted);
  });
});
