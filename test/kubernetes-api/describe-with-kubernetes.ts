import { afterAll, beforeAll } from "vitest";
import { checkKubernetes, checkOwnKubernetes } from "../../sandbox/kubernetes-api/prerequisite.ts";
import { describeUnlessMissing } from "../sandbox/describe-unless-missing.ts";
import type { TestCluster } from "./cluster.ts";
import { apiServer } from "./shared-cluster.ts";

/** The first build takes 4 minutes alone, and longer beside other tests. */
const BUILD_TIMEOUT_MS = 30 * 60_000;

const missing = { any: await checkKubernetes(), own: await checkOwnKubernetes() };

export interface KubernetesNeeds {
  /**
   * The tests need what only our own server has: the fake nodes' annotations, a restart, a webhook. They are skipped where
   * KEYTURN_TEST_KUBECONFIG names a cluster. Default false.
   */
  readonly ownServer?: boolean;
}

/**
 * A `describe` for tests against a Kubernetes API server. `body` is given a function that returns the cluster, for use
 * inside tests and hooks. Without Go and without a cluster the tests are skipped with the reason in their title, or fail
 * where KEYTURN_REQUIRE_ALL=1.
 */
export const describeWithKubernetes = (
  title: string,
  body: (cluster: () => TestCluster) => void,
  needs: KubernetesNeeds = {},
): void =>
  describeUnlessMissing([needs.ownServer ? missing.own : missing.any], title, () => {
    let cluster: TestCluster | undefined;
    beforeAll(async () => {
      cluster = await apiServer();
    }, BUILD_TIMEOUT_MS);
    afterAll(async () => {
      if (cluster?.folder === undefined) await cluster?.removeNamespaces();
    });
    body(() => {
      if (!cluster) throw new Error("the cluster is there inside tests and hooks, not while tests are being declared");
      return cluster;
    });
  });
