import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { base64, createDistribution, secretTarget } from "../stand.ts";

const NAME = "pictify-credentials";

describeWithKubernetes("a Secret", (cluster: () => TestCluster) => {
  const read = (namespace: string) => cluster().core.readNamespacedSecret({ name: NAME, namespace });
  const started = async () => {
    const namespace = await cluster().freshNamespace();
    const stand = await createDistribution({ kubeconfig: cluster().kubeconfig });
    return { namespace, stand };
  };

  test("is made with the value, its labels and the version", async () => {
    const { namespace, stand } = await started();
    const key = await stand.declare([secretTarget(namespace)]);
    await stand.apply(key);
    const secret = await read(namespace);
    expect(secret.data).toEqual({ "api-key": base64(key.apiKey), "api-key_NEW": base64(key.apiKey) });
    expect(secret.type).toBe("Opaque");
    expect(secret.metadata?.labels).toEqual({
      "app.kubernetes.io/managed-by": "keyturn",
      "keyturn.dev/service": "prod",
      "keyturn.dev/key": "web",
    });
    expect(secret.metadata?.annotations?.["keyturn.dev/version"]).toBe(key.versionId);
    expect(secret.metadata?.managedFields?.map(({ manager, operation }) => [manager, operation])).toEqual([
      ["keyturn", "Apply"],
    ]);
  });

  test("is adopted once it is written and files have had time to follow", async () => {
    const { namespace, stand } = await started();
    const key = await stand.declare([secretTarget(namespace, { delayMs: 60_000 })]);
    expect(await stand.apply(key)).toMatchObject({ adopted: false, code: "WAITING" });
    const quick = await createDistribution({ kubeconfig: cluster().kubeconfig });
    const other = await quick.declare([secretTarget(namespace, { name: "quick" })]);
    await quick.apply(other);
    expect(await quick.observe(other)).toMatchObject({ adopted: true, since: expect.stringMatching(/^\d{4}-.*Z$/) });
  });

  test("holds the old value besides in the overlap, and not after it", async () => {
    const { namespace, stand } = await started();
    const key = await stand.declare([secretTarget(namespace)]);
    await stand.apply(key);
    const old = key.apiKey;
    await stand.rotate(key);
    await stand.apply(key);
    const inOverlap = await read(namespace);
    await stand.retire(key);
    const observed = await stand.observe(key);
    await stand.apply(key);
    expect(inOverlap.data).toEqual({
      "api-key": base64(key.apiKey),
      "api-key_NEW": base64(key.apiKey),
      "api-key_OLD": base64(old),
    });
    expect(observed).toMatchObject({ adopted: true, behind: true });
    expect((await read(namespace)).data).toEqual({ "api-key": base64(key.apiKey), "api-key_NEW": base64(key.apiKey) });
    expect(await stand.observe(key)).not.toHaveProperty("behind");
  });

  test("has no old value where that cannot be read, and the current one all the same", async () => {
    const { namespace, stand } = await started();
    const key = await stand.declare([secretTarget(namespace)]);
    await stand.rotate(key);
    await stand.aws("PutSecretValue", {
      SecretId: key.arn,
      ClientRequestToken: "0".repeat(32),
      SecretString: "not of Keyturn",
      VersionStages: ["AWSPREVIOUS", "keyturn/retiring/2026-11-22T00:00:00.000Z"],
    });
    expect(await stand.apply(key)).toMatchObject({ adopted: true });
    expect(Object.keys((await read(namespace)).data ?? {})).toEqual(["api-key", "api-key_NEW"]);
  });

  test("has no old value of a generation that a person marked as compromised", async () => {
    const { namespace, stand } = await started();
    const key = await stand.declare([secretTarget(namespace)]);
    const old = key.versionId;
    await stand.rotate(key);
    await stand.aws("UpdateSecretVersionStage", {
      SecretId: key.arn,
      VersionStage: "keyturn/compromised/2026-11-22T00:00:00Z",
      MoveToVersionId: old,
    });
    await stand.apply(key);
    expect(Object.keys((await read(namespace)).data ?? {})).toEqual(["api-key", "api-key_NEW"]);
  });

  test("is not changed by applying the same again", async () => {
    const { namespace, stand } = await started();
    const key = await stand.declare([secretTarget(namespace)]);
    await stand.apply(key);
    const before = await read(namespace);
    await stand.apply(key);
    expect((await read(namespace)).metadata?.resourceVersion).toBe(before.metadata?.resourceVersion);
  });

  test("keeps what other managers put beside: their labels, their annotations, their data, its type", async () => {
    const { namespace, stand } = await started();
    const labels = {
      "app.kubernetes.io/managed-by": "keyturn",
      "keyturn.dev/service": "prod",
      "keyturn.dev/key": "web",
    };
    const type = "example.com/credentials";
    await cluster().core.createNamespacedSecret({ namespace, body: { type, metadata: { name: NAME, labels } } });
    const key = await stand.declare([secretTarget(namespace)]);
    await stand.apply(key);
    const metadata = { labels: { team: "web" }, annotations: { owner: "web" } };
    const body = { metadata, data: { extra: base64("x") } };
    await cluster().core.patchNamespacedSecret(
      { name: NAME, namespace, body },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    await stand.rotate(key);
    await stand.apply(key);
    const secret = await read(namespace);
    expect(secret.type).toBe(type);
    expect(secret.metadata).toMatchObject(metadata);
    expect(secret.data).toMatchObject({ extra: base64("x"), "api-key": base64(key.apiKey) });
  });

  test("is made again when somebody deleted it", async () => {
    const { namespace, stand } = await started();
    const key = await stand.declare([secretTarget(namespace)]);
    await stand.apply(key);
    await cluster().core.deleteNamespacedSecret({ name: NAME, namespace });
    expect(await stand.observe(key)).toMatchObject({ adopted: false, code: "BEHIND", behind: true });
    await stand.apply(key);
    expect((await read(namespace)).data?.["api-key"]).toBe(base64(key.apiKey));
  });

  test("is reported when it is immutable, with what to do", async () => {
    const { namespace, stand } = await started();
    const key = await stand.declare([secretTarget(namespace)]);
    await stand.apply(key);
    const body = { immutable: true };
    await cluster().core.patchNamespacedSecret(
      { name: NAME, namespace, body },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    expect((await stand.apply(key)).code).not.toBe("IMMUTABLE");
    await stand.rotate(key);
    const result = await stand.apply(key);
    expect(result).toMatchObject({ adopted: false, code: "IMMUTABLE" });
    expect(result.reason).toContain("declare another name for it, or delete it while no pod uses it");
    await cluster().core.deleteNamespacedSecret({ name: NAME, namespace });
    await stand.apply(key);
    const anew = await read(namespace);
    expect(anew.data?.["api-key"]).toBe(base64(key.apiKey));
    expect(anew.immutable).toBeUndefined();
  });

  test("leaves no value in a log or an answer", async () => {
    const { namespace, stand } = await started();
    const key = await stand.declare([secretTarget(namespace)]);
    const answers = [await stand.ask("apply", [key])];
    await stand.rotate(key);
    answers.push(await stand.ask("apply", [key]), await stand.ask("observe", [key]));
    const text = JSON.stringify([stand.lines, answers]);
    for (const value of stand.values) {
      expect(text).not.toContain(value);
      expect(text).not.toContain(base64(value));
    }
  });
});
