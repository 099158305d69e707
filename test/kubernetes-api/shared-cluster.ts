import { readFile } from "node:fs/promises";
import { get } from "node:http";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { KubeConfig } from "@kubernetes/client-node";
import { inject } from "vitest";
import { clusterOf, type TestCluster } from "./cluster.ts";

/** With the plain client, as the first answer may take the minutes of a build. */
const ask = (url: string): Promise<string> =>
  new Promise((done, fail) => {
    get(url, async (response) => {
      const answer = await text(response);
      if (response.statusCode === 200) done(answer);
      else fail(new Error(answer));
    }).once("error", fail);
  });

const somebodysCluster = (path: string): TestCluster => {
  const config = new KubeConfig();
  config.loadFromFile(path);
  return clusterOf(config.exportConfig());
};

/**
 * The cluster of this run: the one that KEYTURN_TEST_KUBECONFIG names, else our own API server, which all test files share.
 * Every test takes a fresh namespace in it.
 * @throws Error when our own cannot be built or started, with the reason
 */
export const apiServer = async (): Promise<TestCluster> => {
  const named = process.env.KEYTURN_TEST_KUBECONFIG;
  if (named) return somebodysCluster(named);
  const path = await ask(inject("sharedApiServer"));
  return clusterOf(await readFile(path, "utf8"), dirname(path));
};
