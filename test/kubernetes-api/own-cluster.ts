import { onTestFinished } from "vitest";
import { type ApiServer, type ApiServerOptions, startApiServer } from "../../sandbox/kubernetes-api/api-server.ts";
import { temporaryFolder } from "../constructs/temporary-folder.ts";
import { clusterOf, type TestCluster } from "./cluster.ts";

/** An API server of one test's own, that can die and come back. */
export interface OwnCluster extends TestCluster {
  readonly folder: string;
  readonly processId: number;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
  /** Ends it in the middle of whatever it does. */
  kill(): Promise<void>;
  /** Starts it again, on the same port, with the same objects, kubeconfig and tokens. */
  start(): Promise<void>;
}

/**
 * Starts an API server for the test that calls this, in about 4 s, and ends it with the test. Only inside
 * `describeWithKubernetes(…, { ownServer: true })`, which has seen to the binary.
 */
export const startOwnCluster = async (options: Omit<ApiServerOptions, "dataFolder"> = {}): Promise<OwnCluster> => {
  const dataFolder = temporaryFolder();
  let server: ApiServer = await startApiServer({ ...options, dataFolder });
  const port = Number(new URL(server.url).port);
  onTestFinished(() => server.kill());
  const { kubeconfig, folder } = server;
  return {
    ...clusterOf(kubeconfig, folder),
    folder,
    get processId() {
      return server.processId;
    },
    stop: () => server.stop(),
    kill: () => server.kill(),
    async start() {
      server = await startApiServer({ ...options, dataFolder, port });
    },
  };
};
