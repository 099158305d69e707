import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findCluster } from "../../../sandbox/demo/kubernetes/find-cluster.ts";
import { temporaryFolder } from "../../constructs/temporary-folder.ts";

const find = (environment: NodeJS.ProcessEnv, isWanted = true) =>
  findCluster({ isWanted, environment, alongside: (work) => work });

/** A folder for PATH with a `go` that says this version. */
const goOfVersion = (version: string): string => {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "go"), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
  return folder;
};

const kubeconfigFor = (server: string): string => {
  const path = join(temporaryFolder(), "kubeconfig");
  const config = {
    "current-context": "one",
    contexts: [{ name: "one", context: { cluster: "one", user: "one" } }],
    clusters: [{ name: "one", cluster: { server } }],
    users: [{ name: "one", user: { token: "a-token-of-somebody" } }],
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
};

/** A port of loopback on which nobody listens. */
const closedPort = async (): Promise<number> => {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
};

describe("without a cluster, one line says what is missing and the next step:", () => {
  test("no Go", async () => {
    const { found, missing } = await find({ PATH: temporaryFolder() });
    expect(found).toBeUndefined();
    expect(missing).toMatch(
      /^a Kubernetes API server \(Go >= [\d.]+ to build one, or a cluster\): no go was found on PATH\. See go\.dev\/dl.*KEYTURN_TEST_KUBECONFIG\.$/,
    );
  });

  test("a Go that is too old, with its version", async () => {
    const { missing } = await find({ PATH: `${goOfVersion("go1.20.3")}:/bin:/usr/bin` });
    expect(missing).toContain("go is version 1.20.3, older than 1.25.6. See go.dev/dl");
  });

  test("a kubeconfig that is not there", async () => {
    const { missing } = await find({ KEYTURN_TEST_KUBECONFIG: "/nowhere/kubeconfig" });
    expect(missing).toContain("KEYTURN_TEST_KUBECONFIG names /nowhere/kubeconfig, which cannot be read. Name a file");
  });

  test("a kubeconfig that cannot be read as one", async () => {
    const path = join(temporaryFolder(), "kubeconfig");
    writeFileSync(path, "clusters: [");
    const { missing } = await find({ KEYTURN_TEST_KUBECONFIG: path });
    expect(missing).toContain(`the cluster that KEYTURN_TEST_KUBECONFIG names (${path}) cannot be used: `);
    expect(missing).not.toContain("\n");
  });

  test("a cluster that nobody answers for, without its token", async () => {
    const port = await closedPort();
    const path = kubeconfigFor(`https://127.0.0.1:${port}`);
    const { missing } = await find({ KEYTURN_TEST_KUBECONFIG: path });
    expect(missing).toBe(
      `the cluster that KEYTURN_TEST_KUBECONFIG names (${path}) cannot be used: connect ECONNREFUSED 127.0.0.1:${port}; see to it, or unset the variable`,
    );
  });

  test("one that is not wanted, without a look at the machine", async () => {
    expect(await find({ PATH: "" }, false)).toEqual({ missing: "--no-kubernetes was said" });
  });
});
