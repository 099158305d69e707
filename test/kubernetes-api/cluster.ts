import { AppsV1Api, CoreV1Api, KubeConfig, RbacAuthorizationV1Api } from "@kubernetes/client-node";
import { eventually } from "./eventually.ts";

/** A cluster to test against, as its administrator. */
export interface TestCluster {
  /** The administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly url: string;
  /** Where our own server keeps its files. Absent: the cluster is somebody's, named in KEYTURN_TEST_KUBECONFIG. */
  readonly folder?: string;
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly rbac: RbacAuthorizationV1Api;
  /** For any other client: `config.makeApiClient(AuthorizationV1Api)`. */
  readonly config: KubeConfig;
  /** Makes a namespace of its own for a test, with its service account `default`. Returns its name. */
  freshNamespace(): Promise<string>;
  /** Deletes what freshNamespace made, without waiting. Our own server needs it not. */
  removeNamespaces(): Promise<void>;
}

export const configOf = (kubeconfig: string): KubeConfig => {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  return config;
};

/** A kubeconfig for the same cluster, of whoever this bearer token is. */
export const withToken = ({ config }: Pick<TestCluster, "config">, token: string): string => {
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error("the kubeconfig's current context names no cluster: choose one with kubectl");
  const other = new KubeConfig();
  other.loadFromClusterAndUser(cluster, { name: "bearer", token });
  return other.exportConfig();
};

const urlOf = (config: KubeConfig): string => {
  const server = config.getCurrentCluster()?.server;
  if (server === undefined)
    throw new Error("the kubeconfig's current context names no cluster: choose one with kubectl");
  return server;
};

const isNotFound = (error: unknown): boolean => (error as { code?: unknown }).code === 404;

/** What a request answers, undefined where its object is not there. */
const unlessNotFound = async <Answer>(request: Promise<Answer>): Promise<Answer | undefined> => {
  try {
    return await request;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

/** @param folder where our own server keeps its files; absent for a cluster of somebody else */
export const clusterOf = (kubeconfig: string, folder?: string): TestCluster => {
  const config = configOf(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const namespaces: string[] = [];
  return {
    kubeconfig,
    url: urlOf(config),
    ...(folder === undefined ? {} : { folder }),
    core,
    apps: config.makeApiClient(AppsV1Api),
    rbac: config.makeApiClient(RbacAuthorizationV1Api),
    config,
    async freshNamespace() {
      const { metadata } = await core.createNamespace({ body: { metadata: { generateName: "keyturn-test-" } } });
      const name = metadata?.name ?? "";
      namespaces.push(name);
      await eventually(`${name} has its service account`, () =>
        unlessNotFound(core.readNamespacedServiceAccount({ name: "default", namespace: name })),
      );
      return name;
    },
    async removeNamespaces() {
      for (const name of namespaces.splice(0)) await unlessNotFound(core.deleteNamespace({ name }));
    },
  };
};
