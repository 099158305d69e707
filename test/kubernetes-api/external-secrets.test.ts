import { CustomObjectsApi } from "@kubernetes/client-node";
import { beforeAll, expect, test } from "vitest";
import { describeWithKubernetes } from "./describe-with-kubernetes.ts";
import { installExternalSecrets } from "./external-secrets.ts";
import { statusOfRefusal } from "./status-of-refusal.ts";

const GROUP = { group: "external-secrets.io", version: "v1", plural: "externalsecrets" };

const externalSecret = (spec: object) => ({
  apiVersion: "external-secrets.io/v1",
  kind: "ExternalSecret",
  metadata: { name: "key" },
  spec: {
    refreshInterval: "1h0m0s",
    secretStoreRef: { name: "aws", kind: "SecretStore" },
    target: { name: "pictify-credentials" },
    data: [{ secretKey: "api-key", remoteRef: { key: "keyturn/key", property: "apiKey" } }],
    ...spec,
  },
});

describeWithKubernetes("External Secrets' definitions", (cluster) => {
  beforeAll(() => installExternalSecrets(cluster()));

  const create = async (spec: object) => {
    const namespace = await cluster().freshNamespace();
    const api = cluster().config.makeApiClient(CustomObjectsApi);
    const body = externalSecret(spec);
    return api.createNamespacedCustomObject({ ...GROUP, namespace, body, fieldValidation: "Strict" });
  };

  test("an ExternalSecret is accepted, and completed with its defaults", async () => {
    const made = await create({});
    expect(made.spec.target).toEqual({
      name: "pictify-credentials",
      creationPolicy: "Owner",
      deletionPolicy: "Retain",
    });
  });

  test("a field that does not exist is refused", async () => {
    const refusal = await statusOfRefusal(create({ refreshInterval: "1h0m0s", refreshEvery: "1h" }));
    expect(refusal).toMatchObject({ code: 400, message: expect.stringContaining('unknown field "spec.refreshEvery"') });
  });

  test("a value that the definition does not allow is refused", async () => {
    const refusal = await statusOfRefusal(create({ refreshPolicy: "Sometimes" }));
    expect(refusal).toMatchObject({ code: 422, message: expect.stringContaining('Unsupported value: "Sometimes"') });
  });

  test("installing them twice is one installation", async () => {
    await expect(installExternalSecrets(cluster())).resolves.toBeUndefined();
  });
});
