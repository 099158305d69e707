import { CustomObjectsApi, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import type { ExternalSecretDeclaration } from "../../../lambdas/contracts/targets.ts";
import type { TestCluster } from "../../kubernetes-api/cluster.ts";
import { base64, type DistributionStand, secretTarget } from "./stand.ts";

/*
 * What the External Secrets Operator does, in its place, as none runs here. Written from its documentation, v1.3: it reads what
 * an ExternalSecret names, and writes the Secret with the ExternalSecret's labels and annotations, as its owner. Leaves out:
 * when it looks, its status, and everything that an ExternalSecret of Keyturn's does not ask for.
 */
const NAME = "pictify-credentials";
const KIND = { group: "external-secrets.io", version: "v1", plural: "externalsecrets" } as const;
const MERGE = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

export interface ExternalSecret {
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

/** A target as in the seeds, by External Secrets. */
export const externalTarget = (
  namespace: string,
  changes: Partial<ExternalSecretDeclaration> = {},
): ExternalSecretDeclaration => ({
  ...secretTarget(namespace),
  kind: "external-secret",
  store: { kind: "ClusterSecretStore", name: "aws" },
  refreshMs: 24 * 3_600_000,
  ...changes,
});

export interface ExternalSecrets {
  read(namespace: string): Promise<ExternalSecret>;
  create(namespace: string, spec: object): Promise<void>;
  /** Merges into the object, as a person with `kubectl edit` does. */
  edit(namespace: string, body: object): Promise<void>;
  /** Sets conditions, as the operator does. */
  report(namespace: string, condition: object): Promise<void>;
  /** Does the operator's part once. */
  operate(stand: DistributionStand, namespace: string): Promise<void>;
}

const valuesOf = async (stand: DistributionStand, { spec }: ExternalSecret): Promise<Record<string, string>> => {
  const data: Record<string, string> = {};
  for (const { secretKey, remoteRef } of spec.data) {
    const input = { SecretId: remoteRef.key, VersionId: remoteRef.version.replace("uuid/", "") };
    const { SecretString } = await stand.aws<{ SecretString: string }>("GetSecretValue", input);
    data[secretKey] = base64(JSON.parse(SecretString)[remoteRef.property]);
  }
  return data;
};

export const externalSecretsIn = ({ config, core }: TestCluster): ExternalSecrets => {
  const objects = config.makeApiClient(CustomObjectsApi);
  const read: ExternalSecrets["read"] = async (namespace) =>
    (await objects.getNamespacedCustomObject({ ...KIND, namespace, name: NAME })) as ExternalSecret;
  return {
    read,
    async create(namespace, spec) {
      const body = { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", metadata: { name: NAME }, spec };
      await objects.createNamespacedCustomObject({ ...KIND, namespace, body });
    },
    async edit(namespace, body) {
      const fieldManager = "kubectl-edit";
      await objects.patchNamespacedCustomObject({ ...KIND, namespace, name: NAME, body, fieldManager }, MERGE);
    },
    async report(namespace, condition) {
      const body = { status: { conditions: [condition] } };
      await objects.patchNamespacedCustomObjectStatus({ ...KIND, namespace, name: NAME, body }, MERGE);
    },
    async operate(stand, namespace) {
      const found = await read(namespace);
      const data = await valuesOf(stand, found);
      const { labels, annotations, uid } = found.metadata;
      const owner = { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", name: NAME, uid, controller: true };
      const body = { metadata: { name: NAME, labels, annotations, ownerReferences: [owner] }, data };
      const fieldManager = "externalsecrets.external-secrets.io/pictify-credentials";
      try {
        await core.createNamespacedSecret({ namespace, body, fieldManager });
      } catch {
        await core.replaceNamespacedSecret({ namespace, name: NAME, body, fieldManager });
      }
    },
  };
};
