import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import { type ApiServer, startApiServer } from "../../sandbox/kubernetes-api/api-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where a test file asks for the run's API server: GET answers with the path of the kubeconfig, or 500 and why not. */
    readonly sharedApiServer: string;
  }
}

/** Starts one Kubernetes API server for the whole run, when a test file first asks for it, and ends it after the tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<ApiServer> | undefined;
  const desk = createServer(async (_request, response) => {
    starting ??= startApiServer();
    try {
      response.end((await starting).kubeconfigPath);
    } catch (error) {
      response.writeHead(500).end(error instanceof Error ? error.message : "the API server does not start");
    }
  });
  await once(desk.listen(0, "127.0.0.1"), "listening");
  project.provide("sharedApiServer", `http://127.0.0.1:${(desk.address() as AddressInfo).port}`);
  return async () => {
    desk.close();
    desk.closeAllConnections();
    await starting?.then((server) => server.stop()).catch(() => {}); // a test has reported why it did not start
  };
}
