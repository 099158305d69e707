import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ApiextensionsV1Api, loadYaml, type V1CustomResourceDefinition } from "@kubernetes/client-node";
import type { TestCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";

/*
 * The definitions of External Secrets, as its release has them (external-secrets/go.mod says which). Its operator does not
 * run: a test that needs what it does, writes it in the operator's place and says so.
 */

const MODULE = "github.com/external-secrets/external-secrets";
const PIN = fileURLToPath(new URL("external-secrets", import.meta.url));
const DEFINITIONS = ["externalsecrets", "secretstores", "clustersecretstores"].map(
  (plural) => `config/crds/bases/external-secrets.io_${plural}.yaml`,
);

const run = promisify(execFile);

/** The folder of the module, held against the hash in go.sum. */
const download = async (): Promise<string> => {
  const { stdout } = await run("go", ["mod", "download", "-json", MODULE], { cwd: PIN });
  const { Dir: folder } = JSON.parse(stdout) as { readonly Dir?: string };
  if (folder === undefined) throw new Error(`go mod download says no folder of ${MODULE}: ${stdout}`);
  return folder;
};

const isConflict = (error: unknown): boolean => (error as { code?: unknown }).code === 409;

const isEstablished = async (api: ApiextensionsV1Api, name: string): Promise<boolean> => {
  const { status } = await api.readCustomResourceDefinition({ name });
  return status?.conditions?.some(({ type, status }) => type === "Established" && status === "True") ?? false;
};

const install = async (api: ApiextensionsV1Api, body: V1CustomResourceDefinition): Promise<void> => {
  try {
    await api.createCustomResourceDefinition({ body });
  } catch (error) {
    if (!isConflict(error)) throw error; // it is there: another test's, or the cluster's own
  }
  const name = body.metadata?.name ?? "";
  await eventually(`${name} is served`, () => isEstablished(api, name));
};

/** Has a cluster know ExternalSecrets of these versions alone, with whatever fields: as of another release than the pinned one. */
export const defineExternalSecrets = async ({ config }: TestCluster, versions: readonly string[]): Promise<void> => {
  const openAPIV3Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  await install(config.makeApiClient(ApiextensionsV1Api), {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "externalsecrets.external-secrets.io" },
    spec: {
      group: "external-secrets.io",
      scope: "Namespaced",
      names: { kind: "ExternalSecret", plural: "externalsecrets", singular: "externalsecret" },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        schema: { openAPIV3Schema },
      })),
    },
  });
};

/** Installs ExternalSecret, SecretStore and ClusterSecretStore (external-secrets.io/v1) where they are not there yet. */
export const installExternalSecrets = async ({ config }: TestCluster): Promise<void> => {
  const folder = await download();
  const api = config.makeApiClient(ApiextensionsV1Api);
  for (const path of DEFINITIONS) {
    await install(api, loadYaml<V1CustomResourceDefinition>(await readFile(join(folder, path), "utf8")));
  }
};
