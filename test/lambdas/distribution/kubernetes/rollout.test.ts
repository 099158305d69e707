import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import type { Workload as DeclaredWorkload } from "../../../../lambdas/contracts/targets.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../../kubernetes-api/eventually.ts";
import { FAKE_NODE } from "../../../kubernetes-api/fake-node.ts";
import { keyFile, keyVariable } from "../../../kubernetes-api/pod-template.ts";
import { isRolledOut, podsOf, untilRolledOut } from "../../../kubernetes-api/rollout.ts";
import {
  annotateTemplate,
  createDaemonSet,
  createDeployment,
  createStatefulSet,
  readWorkload,
  type Workload,
} from "../../../kubernetes-api/workloads.ts";
import { createDistribution, type DistributionStand, secretTarget, type TestKey } from "../stand.ts";

const NAME = "pictify-credentials";
const CREATE = { Deployment: createDeployment, StatefulSet: createStatefulSet, DaemonSet: createDaemonSet } as const;
const KINDS = ["Deployment", "StatefulSet", "DaemonSet"] as const;
const env = [keyVariable("PICTIFY_API_KEY")];
const container = { env };

describeWithKubernetes(
  "workloads",
  (cluster: () => TestCluster) => {
    const declaredOf = ({ kind, name }: Pick<Workload, "kind" | "name">): DeclaredWorkload => ({
      kind: kind.toLowerCase() as DeclaredWorkload["kind"],
      name,
    });
    const started = async (...workloads: Pick<Workload, "kind" | "name">[]) => {
      const namespace = await cluster().freshNamespace();
      const stand = await createDistribution({ kubeconfig: cluster().kubeconfig });
      const key = await stand.declare([secretTarget(namespace, { restart: workloads.map(declaredOf) })]);
      return { namespace, stand, key };
    };
    const untilAdopted = (stand: DistributionStand, key: TestKey) =>
      eventually("the target has adopted", async () => (await stand.observe(key)).adopted);
    const untilCode = (stand: DistributionStand, key: TestKey, code: string) =>
      eventually(`the target is ${code}`, async () => {
        const result = await stand.observe(key);
        return result.code === code && result;
      });

    describe.each(KINDS)("%s", (kind) => {
      test.each([
        ["a variable", { container }],
        ["a file", keyFile()],
      ])("with the key in %s runs the new value when it is adopted, and not before", async (_, consuming) => {
        const { namespace, stand, key } = await started({ kind, name: "web" });
        await stand.apply(key);
        await CREATE[kind](cluster(), { namespace, ...consuming });
        await stand.apply(key);
        await untilAdopted(stand, key);
        await stand.rotate(key);
        const before = await stand.observe(key);
        await stand.apply(key);
        await untilAdopted(stand, key);
        const { metadata } = await cluster().core.readNamespacedSecret({ name: NAME, namespace });
        const pods = await podsOf(cluster(), { kind, namespace, name: "web" });
        const startedWith = pods.map(
          (pod) => JSON.parse(pod.metadata?.annotations?.[FAKE_NODE.startedWith] ?? "{}")[NAME],
        );
        expect(before).toMatchObject({ adopted: false, code: "BEHIND", behind: true });
        expect(new Set(startedWith)).toEqual(new Set([metadata?.resourceVersion]));
        expect(await isRolledOut(cluster(), { kind, namespace, name: "web" })).toBe(true);
      });

      test("is rolled out once for a version, however often it is applied", async () => {
        const { namespace, stand, key } = await started({ kind, name: "web" });
        await CREATE[kind](cluster(), { namespace, container });
        await stand.apply(key);
        const first = await readWorkload(cluster(), { kind, namespace, name: "web" });
        await Promise.all([stand.apply(key), stand.apply(key)]);
        const later = await readWorkload(cluster(), { kind, namespace, name: "web" });
        expect(later.metadata?.generation).toBe(first.metadata?.generation);
      });

      test("that is not there is named", async () => {
        const { stand, key } = await started({ kind, name: "nowhere" });
        const result = await stand.apply(key);
        expect(result).toMatchObject({ adopted: false, code: "MISSING" });
        expect(result.reason).toContain(`there is no ${kind.toLowerCase()}/nowhere`);
      });

      test("whose pods cannot start is stuck, with the pod and why", async () => {
        const { namespace, stand, key } = await started({ kind, name: "web" });
        await CREATE[kind](cluster(), {
          namespace,
          container,
          annotations: { [FAKE_NODE.waiting]: "ImagePullBackOff" },
        });
        await stand.apply(key);
        const { reason } = await untilCode(stand, key, "STUCK");
        expect(reason).toMatch(
          new RegExp(`the pod web-\\S+ of ${kind.toLowerCase()}/web does not start: ImagePullBackOff`),
        );
      });

      test("with a pod that is slow to end has not adopted while it is there", async () => {
        const { namespace, stand, key } = await started({ kind, name: "web" });
        await stand.apply(key);
        const pod = { terminationGracePeriodSeconds: 5 };
        await CREATE[kind](cluster(), { namespace, container, pod, annotations: { [FAKE_NODE.stopsAfter]: "2s" } });
        await stand.apply(key);
        await untilAdopted(stand, key);
        const old = await podsOf(cluster(), { kind, namespace, name: "web" });
        await stand.rotate(key);
        await stand.apply(key);
        await untilAdopted(stand, key);
        const left = await podsOf(cluster(), { kind, namespace, name: "web" });
        const names = left.map(({ metadata }) => metadata?.name);
        const uids = left.map(({ metadata }) => metadata?.uid);
        expect(names.length).toBeGreaterThan(0);
        expect(old.map(({ metadata }) => metadata?.uid).filter((uid) => uids.includes(uid))).toEqual([]);
      });
    });

    test("a paused Deployment is stuck and named, and goes on when it is resumed", async () => {
      const { namespace, stand, key } = await started({ kind: "Deployment", name: "web" });
      await createDeployment(cluster(), { namespace, container, spec: { replicas: 1 } });
      await stand.apply(key);
      await untilAdopted(stand, key);
      const pause = (paused: boolean) =>
        cluster().apps.patchNamespacedDeployment(
          { name: "web", namespace, body: { spec: { paused } } },
          setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
        );
      await pause(true);
      await stand.rotate(key);
      await stand.apply(key);
      const { reason } = await untilCode(stand, key, "STUCK");
      expect(reason).toContain("deployment/web is paused");
      await pause(false);
      await untilAdopted(stand, key);
    });

    test("a rollout past its deadline is stuck, and well again when its pods become ready", async () => {
      const { namespace, stand, key } = await started({ kind: "Deployment", name: "web" });
      await createDeployment(cluster(), { namespace, container, spec: { replicas: 1, progressDeadlineSeconds: 1 } });
      await stand.apply(key);
      await untilAdopted(stand, key);
      const workload = { kind: "Deployment", namespace, name: "web" } as const;
      await annotateTemplate(cluster(), workload, { [FAKE_NODE.hold]: "yes" });
      await stand.rotate(key);
      await stand.apply(key);
      const { reason } = await untilCode(stand, key, "STUCK");
      expect(reason).toContain("the rollout of deployment/web does not go on: ProgressDeadlineExceeded");
      await annotateTemplate(cluster(), workload, { [FAKE_NODE.hold]: null });
      await untilAdopted(stand, key);
    });

    test.each(["StatefulSet", "DaemonSet"] as const)(
      "a %s that updates on deletion names its old pods",
      async (kind) => {
        const { namespace, stand, key } = await started({ kind, name: "web" });
        const spec = { updateStrategy: { type: "OnDelete" } };
        await stand.apply(key);
        await CREATE[kind](cluster(), { namespace, container, spec });
        await eventually(
          "its pods run",
          async () => (await podsOf(cluster(), { kind, namespace, name: "web" })).length > 1,
        );
        await stand.apply(key);
        const { reason = "" } = await untilCode(stand, key, "STUCK");
        expect(reason).toMatch(/has the update strategy OnDelete: delete its old pods web-/);
        for (const { metadata } of await podsOf(cluster(), { kind, namespace, name: "web" }))
          await cluster().core.deleteNamespacedPod({ name: metadata?.name ?? "", namespace });
        await untilAdopted(stand, key);
      },
    );

    test("a StatefulSet with a partition is stuck and says so", async () => {
      const { namespace, stand, key } = await started({ kind: "StatefulSet", name: "web" });
      const spec = { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } };
      await stand.apply(key);
      await createStatefulSet(cluster(), { namespace, container, spec });
      await untilRolledOut(cluster(), { kind: "StatefulSet", namespace, name: "web" });
      await stand.apply(key);
      const { reason } = await untilCode(stand, key, "STUCK");
      expect(reason).toContain("statefulset/web has a partition of 1");
    });

    test("a pod that needs a data key which is not there is named with what it misses", async () => {
      const { namespace, stand, key } = await started({ kind: "Deployment", name: "web" });
      await createDeployment(cluster(), { namespace, container: { env: [keyVariable("A", { key: "no-such-key" })] } });
      await stand.apply(key);
      const { reason } = await untilCode(stand, key, "STUCK");
      expect(reason).toContain("CreateContainerConfigError: couldn't find key no-such-key");
    });

    test("a Deployment that stops its old pods first has adopted when the new ones run", async () => {
      const { namespace, stand, key } = await started({ kind: "Deployment", name: "web" });
      await createDeployment(cluster(), { namespace, container, spec: { strategy: { type: "Recreate" } } });
      await stand.apply(key);
      await untilAdopted(stand, key);
      await stand.rotate(key);
      await stand.apply(key);
      await untilAdopted(stand, key);
      const pods = await podsOf(cluster(), { kind: "Deployment", namespace, name: "web" });
      const marks = pods.map(({ metadata }) => metadata?.annotations?.[`version.keyturn.dev/${NAME}`]);
      expect(marks).toEqual([key.versionId, key.versionId]);
    });

    test("a workload that was rolled back by hand has not adopted, and is rolled out again", async () => {
      const { namespace, stand, key } = await started({ kind: "Deployment", name: "web" });
      await createDeployment(cluster(), { namespace, container });
      await stand.apply(key);
      const workload = { kind: "Deployment", namespace, name: "web" } as const;
      const before = key.versionId;
      await stand.rotate(key);
      await stand.apply(key);
      await untilAdopted(stand, key);
      await annotateTemplate(cluster(), workload, { [`version.keyturn.dev/${NAME}`]: before });
      const rolledBack = await stand.observe(key);
      await stand.apply(key);
      await untilAdopted(stand, key);
      expect(rolledBack).toMatchObject({ adopted: false, code: "BEHIND", behind: true });
    });

    test("several workloads are rolled out together, and each that is not well is named", async () => {
      const web = { kind: "Deployment", name: "web" } as const;
      const { namespace, stand, key } = await started(
        web,
        { kind: "StatefulSet", name: "db" },
        { kind: "DaemonSet", name: "nowhere" },
      );
      await createDeployment(cluster(), { namespace, container });
      await createStatefulSet(cluster(), {
        namespace,
        name: "db",
        container,
        annotations: { [FAKE_NODE.waiting]: "ErrImagePull" },
      });
      await stand.apply(key);
      await untilRolledOut(cluster(), { ...web, namespace });
      const { reason = "" } = await untilCode(stand, key, "STUCK");
      expect(reason).toContain("of statefulset/db does not start: ErrImagePull");
      expect(reason).toContain("there is no daemonset/nowhere");
      expect(reason).not.toContain("deployment/web");
    });

    test("one that two keys restart is told of each by an annotation of its own", async () => {
      const namespace = await cluster().freshNamespace();
      const stand = await createDistribution({ kubeconfig: cluster().kubeconfig });
      await createDeployment(cluster(), { namespace });
      const restart = [{ kind: "deployment", name: "web" }] as const;
      const pictify = await stand.declare([secretTarget(namespace, { restart })], "pictify");
      const other = await stand.declare([secretTarget(namespace, { restart, name: "other-credentials" })], "other");
      await stand.ask("apply", [pictify, other]);
      const { metadata } = await readWorkload(cluster(), { kind: "Deployment", namespace, name: "web" });
      await stand.ask("apply", [pictify, other]);
      const after = await readWorkload(cluster(), { kind: "Deployment", namespace, name: "web" });
      expect(after.spec?.template.metadata?.annotations).toMatchObject({
        "version.keyturn.dev/pictify-credentials": pictify.versionId,
        "version.keyturn.dev/other-credentials": other.versionId,
      });
      expect(after.metadata?.generation).toBe(metadata?.generation);
    });

    test("the name of a Secret may be as long as Kubernetes allows", async () => {
      const namespace = await cluster().freshNamespace();
      const stand = await createDistribution({ kubeconfig: cluster().kubeconfig });
      await createDeployment(cluster(), { namespace });
      const restart = [{ kind: "deployment", name: "web" }] as const;
      const key = await stand.declare([secretTarget(namespace, { restart, name: `${"n".repeat(150)}.x` })]);
      await stand.apply(key);
      await untilAdopted(stand, key);
    });

    test("one without pods has adopted since the value was written: nobody runs the old one", async () => {
      const { namespace, stand, key } = await started({ kind: "Deployment", name: "web" });
      await createDeployment(cluster(), { namespace, container, spec: { replicas: 0 } });
      await stand.apply(key);
      await untilAdopted(stand, key);
      const { metadata } = await cluster().core.readNamespacedSecret({ name: NAME, namespace });
      const { since } = await stand.observe(key);
      expect(since).toBe(metadata?.annotations?.["keyturn.dev/written-at"]);
    });
  },
  { ownServer: true },
);
