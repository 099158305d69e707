import { copyFile, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { Redacted } from "../../../lambdas/redacted.ts";
import { SANDBOX_CLUSTER } from "../../../stacks/sandbox-cluster.ts";
import { startApiServer } from "../../kubernetes-api/api-server.ts";
import { reasonOf, unlessNotFound } from "./api-error.ts";
import type { Alongside, DemoCluster } from "./cluster.ts";
import { followWorker } from "./follow-cluster.ts";
import { workerIn } from "./live-worker.ts";
import { untilThere } from "./patience.ts";
import { applyRights, makeServiceAccount, tryForbidden } from "./service-account.ts";
import { shownObjects } from "./shown-objects.ts";

/** A cluster, as its administrator, before anything is made in it. */
interface Opened {
  readonly kind: string;
  readonly admin: KubeConfig;
  readonly adminKubeconfigPath: string;
  /** The file that its API server logs to, where it is ours. */
  readonly logFile?: string;
  /** What the namespace is called, or how its name begins. */
  readonly namespace: { readonly name: string } | { readonly generateName: string };
  /** Ends it, or takes away what was made in it. @param namespace "" when it was not made */
  readonly end: (core: CoreV1Api, namespace: string) => Promise<unknown>;
}

const ANSWER_MS = 10_000;

/** @throws Error when nobody answers: the client itself would wait for as long as the network does */
const checkReachable = async (admin: KubeConfig): Promise<void> => {
  const options = { signal: AbortSignal.timeout(ANSWER_MS) };
  await admin.applyToHTTPSOptions(options);
  await new Promise<void>((resolve, reject) => {
    get(`${admin.getCurrentCluster()?.server}/version`, options, (response) => {
      response.resume();
      resolve();
    }).once("error", reject);
  });
};

const openOwn = async (environment: NodeJS.ProcessEnv): Promise<Opened> => {
  const server = await startApiServer({ environment });
  const admin = new KubeConfig();
  admin.loadFromString(server.kubeconfig);
  return {
    kind: "a Kubernetes API server of our own",
    admin,
    adminKubeconfigPath: server.kubeconfigPath,
    logFile: `${server.folder}/kubernetes.log`,
    namespace: { name: "web" },
    end: () => server.stop(),
  };
};

const openNamed = async (path: string): Promise<Opened> => {
  const admin = new KubeConfig();
  admin.loadFromFile(path);
  await checkReachable(admin);
  return {
    kind: "the cluster that KEYTURN_TEST_KUBECONFIG names",
    admin,
    adminKubeconfigPath: path,
    namespace: { generateName: "keyturn-demo-" },
    end: async (core, name) => name !== "" && unlessNotFound(core.deleteNamespace({ name })),
  };
};

const makeNamespace = async (core: CoreV1Api, { namespace }: Opened): Promise<string> =>
  (await core.createNamespace({ body: { metadata: namespace } })).metadata?.name ?? "";

const writeShown = async (folder: string, shown: Promise<string>, logFile: string | undefined): Promise<void> => {
  await writeFile(join(folder, "cluster.json"), await shown);
  if (logFile !== undefined) await copyFile(logFile, join(folder, "cluster.log"));
};

const furnish = async (opened: Opened, namespace: string, alongside: Alongside): Promise<DemoCluster> => {
  const { admin, kind, adminKubeconfigPath, logFile } = opened;
  const core = admin.makeApiClient(CoreV1Api);
  await untilThere("the namespace's own service account", () =>
    unlessNotFound(core.readNamespacedServiceAccount({ name: "default", namespace })),
  );
  const account = await makeServiceAccount(admin, namespace);
  const worker = workerIn(admin, namespace);
  const closers: (() => Promise<unknown>)[] = [() => opened.end(core, namespace)];
  return {
    description: `${kind}, ${admin.getCurrentCluster()?.server}`,
    namespace,
    kubeconfig: new Redacted(account.config.exportConfig()),
    adminKubeconfigPath,
    tokens: () => [account.token.reveal(), admin.getCurrentUser()?.token ?? ""].filter((token) => token !== ""),
    applyRights: (manifest) => alongside(applyRights(admin, account, namespace, manifest)),
    tryForbidden: () => alongside(tryForbidden(account, namespace)),
    createWorkload: () => alongside(worker.create()),
    removeWorkload: () => alongside(worker.remove()),
    atRest: () => alongside(worker.atRest()),
    async follow(pods) {
      closers.push(await alongside(followWorker(admin, namespace, pods)));
    },
    async dataKeys() {
      const name = SANDBOX_CLUSTER.secretName;
      return Object.keys((await alongside(core.readNamespacedSecret({ namespace, name }))).data ?? {});
    },
    writeShown: (folder) => alongside(writeShown(folder, shownObjects(admin, namespace), logFile)),
    async close() {
      for (const one of closers.splice(0).reverse()) await one();
    },
  };
};

/**
 * Opens the cluster that `KEYTURN_TEST_KUBECONFIG` names, else starts one of our own, and makes a namespace in it.
 * @throws Error that says in a sentence what did not go
 */
export const openCluster = async (environment: NodeJS.ProcessEnv, alongside: Alongside): Promise<DemoCluster> => {
  const named = environment.KEYTURN_TEST_KUBECONFIG;
  const opened = named ? await openNamed(named) : await openOwn(environment);
  const core = opened.admin.makeApiClient(CoreV1Api);
  let namespace = "";
  try {
    namespace = await makeNamespace(core, opened);
    return await furnish(opened, namespace, alongside);
  } catch (error) {
    await opened.end(core, namespace).catch(() => {}); // why it failed is the thing to say
    throw new Error(reasonOf(error), { cause: error });
  }
};
