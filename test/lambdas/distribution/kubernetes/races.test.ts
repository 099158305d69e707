import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock } from "../../../../lambdas/clock.ts";
import { type ClusterSend, sendOverHttps } from "../../../../lambdas/targets/kubernetes/transport.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { createDeployment, readWorkload } from "../../../kubernetes-api/workloads.ts";
import { base64, createDistribution, secretTarget, type TestKey } from "../stand.ts";

const NAME = "pictify-credentials";
const restart = [{ kind: "deployment", name: "web" }] as const;
const MERGE = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

describeWithKubernetes("two versions on their way at once", (cluster: () => TestCluster) => {
  const read = (namespace: string) => cluster().core.readNamespacedSecret({ name: NAME, namespace });

  /** A stand in which something happens once, right before a request of a kind reaches the cluster. */
  const interrupted = async (isMoment: (method: string, path: string) => boolean) => {
    let meanwhile: (() => Promise<unknown>) | undefined;
    const send: ClusterSend = async (endpoint, request) => {
      const now = meanwhile;
      if (now && isMoment(request.method, request.path)) {
        meanwhile = undefined;
        await now();
      }
      return sendOverHttps(endpoint, request);
    };
    const namespace = await cluster().freshNamespace();
    const stand = await createDistribution({ kubeconfig: cluster().kubeconfig, world: { send } });
    const key = await stand.declare([secretTarget(namespace, { restart })]);
    await createDeployment(cluster(), { namespace });
    const before: TestKey = { ...key };
    const once = (happens: () => Promise<unknown>) => {
      meanwhile = happens;
    };
    const newerMeanwhile = () =>
      once(async () => {
        await stand.rotate(key);
        await stand.apply(key);
      });
    return { namespace, stand, key, before, once, newerMeanwhile };
  };

  const expectNewest = async (namespace: string, key: TestKey) => {
    const secret = await read(namespace);
    const { spec } = await readWorkload(cluster(), { kind: "Deployment", namespace, name: "web" });
    expect(secret.data?.["api-key"]).toBe(base64(key.apiKey));
    expect(secret.metadata?.annotations?.["keyturn.dev/version"]).toBe(key.versionId);
    expect(spec?.template.metadata?.annotations?.[`version.keyturn.dev/${NAME}`]).toBe(key.versionId);
  };

  test("an event that was delivered late writes nothing", async () => {
    const { namespace, stand, key, before } = await interrupted(() => false);
    await stand.rotate(key);
    await stand.apply(key);
    expect(await stand.apply(before)).toMatchObject({ adopted: false, code: "SUPERSEDED" });
    await expectNewest(namespace, key);
  });

  test.each([
    ["reads the Secret", "GET", "/secrets/"],
    ["makes or changes the Secret", "PATCH", "/secrets/"],
    ["reads the workload", "GET", "/deployments/"],
    ["marks the workload", "PATCH", "/deployments/"],
  ])("a newer one that arrives while the older one %s wins", async (_, method, part) => {
    for (const isThere of [false, true]) {
      const isMoment = (sent: string, path: string) => sent === method && path.includes(part);
      const { namespace, stand, key, before, newerMeanwhile } = await interrupted(isMoment);
      if (isThere) {
        await stand.apply(key);
        await stand.rotate(key);
        Object.assign(before, key);
      }
      newerMeanwhile();
      const older = await stand.apply(before);
      expect(older).toMatchObject({ adopted: false, code: "SUPERSEDED" });
      await expectNewest(namespace, key);
    }
  });

  test.each([
    ["its template, is rolled out with both", { spec: { template: { metadata: { annotations: { theirs: "yes" } } } } }],
    ["its size, is rolled out in that size", { spec: { replicas: 2 } }],
  ])("a workload of which somebody changes, between the look and the mark, %s, once", async (_, change) => {
    const isMark = (method: string, path: string) => method === "PATCH" && path.includes("/deployments/");
    const { namespace, stand, key, once } = await interrupted(isMark);
    const workload = { kind: "Deployment", namespace, name: "web" } as const;
    let theirs: Awaited<ReturnType<typeof readWorkload>> | undefined;
    once(async () => {
      await cluster().apps.patchNamespacedDeployment({ name: "web", namespace, body: change }, MERGE);
      theirs = await readWorkload(cluster(), workload);
    });

    await stand.apply(key);
    await stand.apply(key);

    await expectNewest(namespace, key);
    const { metadata, spec } = await readWorkload(cluster(), workload);
    expect(spec).toMatchObject(change.spec);
    expect(metadata?.generation).toBe((theirs?.metadata?.generation ?? 0) + 1);
  });

  test("in whatever order their requests come, the newest is there in the end", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(40), { minLength: 30, maxLength: 30 }), async (waitsMs) => {
        let sent = 0;
        const send: ClusterSend = async (endpoint, request) => {
          await systemClock.sleep(waitsMs[sent++ % waitsMs.length] ?? 0);
          return sendOverHttps(endpoint, request);
        };
        const namespace = await cluster().freshNamespace();
        const stand = await createDistribution({ kubeconfig: cluster().kubeconfig, world: { send } });
        const key = await stand.declare([secretTarget(namespace, { restart })]);
        await createDeployment(cluster(), { namespace });
        const older = { ...key };
        const late = Promise.all([stand.apply(older), stand.apply(older)]);
        await systemClock.sleep(waitsMs[0] ?? 0);
        await stand.rotate(key);
        await Promise.all([stand.apply(key), stand.apply(key), stand.apply(older), late]);
        await expectNewest(namespace, key);
      }),
      { numRuns: 12 },
    );
  });

  test("a version to which a person moved AWSCURRENT back is written over the newer one", async () => {
    const { namespace, stand, key, before } = await interrupted(() => false);
    await stand.apply(key);
    await stand.rotate(key);
    await stand.apply(key);
    await stand.aws("UpdateSecretVersionStage", {
      SecretId: key.arn,
      VersionStage: "AWSCURRENT",
      MoveToVersionId: before.versionId,
      RemoveFromVersionId: key.versionId,
    });
    await stand.apply(before);
    await expectNewest(namespace, before);
  });

  const withOldDescriptions = async () => {
    const namespace = await cluster().freshNamespace();
    let old: unknown;
    let timesOld = 0;
    const described = <Description>(answer: Description): Description =>
      timesOld-- > 0 ? (old as Description) : answer;
    const stand = await createDistribution({ kubeconfig: cluster().kubeconfig, described });
    await createDeployment(cluster(), { namespace });
    const key = await stand.declare([secretTarget(namespace, { restart })]);
    const before: TestKey = { ...key };
    await stand.rotate(key);
    const fresh = await stand.aws<{ VersionIdsToStages: object }>("DescribeSecret", { SecretId: key.arn });
    const VersionIdsToStages = { [before.versionId]: ["AWSCURRENT"], [key.versionId]: ["AWSPENDING"] };
    old = { ...fresh, VersionIdsToStages };
    const describeAsBefore = (times: number) => {
      timesOld = times;
    };
    return { namespace, stand, key, before, describeAsBefore };
  };

  test("an old description does not bring yesterday's value back", async () => {
    const { namespace, stand, key, before, describeAsBefore } = await withOldDescriptions();
    await stand.apply(key);
    describeAsBefore(1_000);
    expect(await stand.apply(before)).toMatchObject({ adopted: false, code: "SUPERSEDED" });
    describeAsBefore(0);
    await expectNewest(namespace, key);
  });

  test("a version that is still described as pending is waited for", async () => {
    const { namespace, stand, key, describeAsBefore } = await withOldDescriptions();
    describeAsBefore(2);
    await stand.apply(key);
    await expectNewest(namespace, key);
  });
});
