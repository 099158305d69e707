import type { V1ContainerState, V1Pod } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import type { TestCluster } from "./cluster.ts";
import { describeWithKubernetes } from "./describe-with-kubernetes.ts";
import { eventually } from "./eventually.ts";
import { FAKE_NODE } from "./fake-node.ts";
import { keyFile, keyVariable, type PodTemplateOptions, podTemplate } from "./pod-template.ts";
import { podsOf, untilRolledOut } from "./rollout.ts";
import { annotateTemplate, createDeployment, type Workload } from "./workloads.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

const stateOf = (pod: V1Pod | undefined): V1ContainerState | undefined => pod?.status?.containerStatuses?.[0]?.state;
const conditionOf = (pod: V1Pod | undefined, name: string) =>
  pod?.status?.conditions?.find(({ type }) => type === name);
const isReady = (pod: V1Pod | undefined): boolean => conditionOf(pod, "Ready")?.status === "True";

/** A pod without a workload. */
const createPod = async ({ core }: TestCluster, namespace: string, options: PodTemplateOptions): Promise<void> => {
  const { metadata, spec } = podTemplate("web", options);
  const body = { metadata: { ...metadata, name: "web" }, ...(spec ? { spec } : {}) };
  await core.createNamespacedPod({ namespace, body });
};

const createKey = ({ core }: TestCluster, namespace: string, data: Readonly<Record<string, string>>) => {
  const metadata = { name: "pictify-credentials" };
  return core.createNamespacedSecret({ namespace, body: { metadata, data: { ...data } } });
};

const untilPod = (cluster: TestCluster, namespace: string, what: string, holds: (pod: V1Pod) => boolean) =>
  eventually(what, async () => {
    const pod = await cluster.core.readNamespacedPod({ namespace, name: "web" });
    return holds(pod) && pod;
  });

const untilWaiting = (cluster: TestCluster, namespace: string, reason: string) =>
  untilPod(cluster, namespace, `the pod waits: ${reason}`, (pod) => stateOf(pod)?.waiting?.reason === reason);

const untilReady = (cluster: TestCluster, namespace: string) =>
  untilPod(cluster, namespace, "the pod is ready", isReady);

const progressOf = async ({ apps }: TestCluster, { namespace, name }: Workload) => {
  const { metadata, status } = await apps.readNamespacedDeployment({ namespace, name });
  if (status?.observedGeneration !== metadata?.generation) return undefined;
  return status?.conditions?.find(({ type }) => type === "Progressing")?.reason;
};

describeWithKubernetes(
  "the fake nodes",
  (cluster) => {
    const deploy = async (options: PodTemplateOptions = {}): Promise<Workload> => {
      const namespace = await cluster().freshNamespace();
      await createDeployment(cluster(), { namespace, ...options, spec: { progressDeadlineSeconds: 2 } });
      return { kind: "Deployment", namespace, name: "web" };
    };

    test("a rollout whose pods are held back exceeds its deadline, and completes once they are let go", async () => {
      const workload = await deploy();
      await untilRolledOut(cluster(), workload);

      await annotateTemplate(cluster(), workload, { [FAKE_NODE.hold]: "yes" });
      await eventually("the deadline is exceeded", async () => {
        return (await progressOf(cluster(), workload)) === "ProgressDeadlineExceeded";
      });
      const held = (await podsOf(cluster(), workload)).filter(
        ({ metadata }) => metadata?.annotations?.[FAKE_NODE.hold],
      );
      await annotateTemplate(cluster(), workload, { [FAKE_NODE.hold]: null });
      await untilRolledOut(cluster(), workload);

      expect(held.map(isReady)).toEqual(held.map(() => false));
      expect(held.map((pod) => stateOf(pod)?.running !== undefined)).toEqual(held.map(() => true));
      expect(held.length).toBeGreaterThan(0);
      expect(await progressOf(cluster(), workload)).toBe("NewReplicaSetAvailable");
    });

    test("a single pod that is held back becomes ready when its annotation goes", async () => {
      const namespace = await cluster().freshNamespace();
      await createPod(cluster(), namespace, { annotations: { [FAKE_NODE.hold]: "yes" } });
      const held = await untilPod(cluster(), namespace, "it runs", (pod) => pod.status?.phase === "Running");
      const body = [{ op: "remove", path: `/metadata/annotations/${FAKE_NODE.hold.replace("/", "~1")}` }];
      await cluster().core.patchNamespacedPod({ namespace, name: "web", body });

      await untilReady(cluster(), namespace);

      expect(isReady(held)).toBe(false);
    });

    test("an image that cannot be pulled is the reason for which a container waits", async () => {
      const namespace = await cluster().freshNamespace();
      await createPod(cluster(), namespace, { annotations: { [FAKE_NODE.waiting]: "ErrImagePull" } });

      const pod = await untilWaiting(cluster(), namespace, "ErrImagePull");

      expect(pod.status?.phase).toBe("Pending");
      expect(stateOf(pod)?.waiting?.message).toContain("busybox:1.37");
      expect(isReady(pod)).toBe(false);
    });

    test("a container waits for a key that it requires, and starts when the key is there", async () => {
      const namespace = await cluster().freshNamespace();
      await createKey(cluster(), namespace, { "api-key": base64("a") });
      await createPod(cluster(), namespace, {
        container: {
          env: [keyVariable("PICTIFY_API_KEY"), keyVariable("PICTIFY_API_KEY_OLD", { key: "api-key_OLD" })],
        },
      });

      const waiting = await untilWaiting(cluster(), namespace, "CreateContainerConfigError");
      const body = [{ op: "add", path: "/data/api-key_OLD", value: base64("b") }];
      const secret = await cluster().core.patchNamespacedSecret({ namespace, name: "pictify-credentials", body });
      const started = await untilReady(cluster(), namespace);

      const message = `couldn't find key api-key_OLD in Secret ${namespace}/pictify-credentials`;
      expect(stateOf(waiting)?.waiting?.message).toBe(message);
      expect(JSON.parse(started.metadata?.annotations?.[FAKE_NODE.startedWith] ?? "")).toEqual({
        "pictify-credentials": secret.metadata?.resourceVersion,
      });
    });

    test("a container starts without a key that is optional", async () => {
      const namespace = await cluster().freshNamespace();
      await createPod(cluster(), namespace, {
        container: { env: [keyVariable("PICTIFY_API_KEY", { optional: true })] },
      });
      expect(isReady(await untilReady(cluster(), namespace))).toBe(true);
    });

    test("a container whose file is missing is not created, until the Secret is there", async () => {
      const namespace = await cluster().freshNamespace();
      await createPod(cluster(), namespace, keyFile());

      await untilWaiting(cluster(), namespace, "ContainerCreating");
      await createKey(cluster(), namespace, { "api-key": base64("a") });

      expect(isReady(await untilReady(cluster(), namespace))).toBe(true);
    });

    test("a container that runs does not mind that its Secret is deleted", async () => {
      const namespace = await cluster().freshNamespace();
      await createKey(cluster(), namespace, { "api-key": base64("a") });
      await createPod(cluster(), namespace, { container: { env: [keyVariable("PICTIFY_API_KEY")] } });
      await untilReady(cluster(), namespace);

      await cluster().core.deleteNamespacedSecret({ namespace, name: "pictify-credentials" });
      const body = [{ op: "add", path: "/metadata/labels/touched", value: "yes" }];
      await cluster().core.patchNamespacedPod({ namespace, name: "web", body });

      expect(isReady(await untilReady(cluster(), namespace))).toBe(true);
    });

    test("a container that starts slowly is ready so long after its start", async () => {
      const namespace = await cluster().freshNamespace();
      await createPod(cluster(), namespace, { annotations: { [FAKE_NODE.readyAfter]: "3s" } });

      const pod = await untilReady(cluster(), namespace);

      const startedAtMs = stateOf(pod)?.running?.startedAt?.getTime() ?? Number.NaN;
      const readyAtMs = conditionOf(pod, "Ready")?.lastTransitionTime?.getTime() ?? Number.NaN;
      expect(readyAtMs - startedAtMs).toBeGreaterThanOrEqual(3_000);
    });

    test("pods that stop slowly are still there when the rollout is complete", async () => {
      const pod = { terminationGracePeriodSeconds: 40 };
      const workload = await deploy({ annotations: { [FAKE_NODE.stopsAfter]: "40s" }, pod });
      await untilRolledOut(cluster(), workload);

      await annotateTemplate(cluster(), workload, { "keyturn.test/version": "v2" });
      await untilRolledOut(cluster(), workload);
      const pods = await podsOf(cluster(), workload);

      const stopping = pods.filter(({ metadata }) => metadata?.deletionTimestamp !== undefined);
      expect(stopping.map(isReady)).toEqual([true, true]);
      expect(pods).toHaveLength(4);
    });

    test("a pod that stops slowly goes at the latest when its grace period is over", async () => {
      const namespace = await cluster().freshNamespace();
      await createPod(cluster(), namespace, { annotations: { [FAKE_NODE.stopsAfter]: "1h" } });
      await untilReady(cluster(), namespace);

      await cluster().core.deleteNamespacedPod({ namespace, name: "web" });

      await eventually("it has stopped", async () => {
        return (await podsOf(cluster(), { kind: "Deployment", namespace, name: "web" })).length === 0;
      });
    });

    test("an annotation that cannot be read holds the pod back and says so", async () => {
      const namespace = await cluster().freshNamespace();
      await createPod(cluster(), namespace, { annotations: { [FAKE_NODE.readyAfter]: "soon" } });
      const pod = await untilWaiting(cluster(), namespace, "InvalidAnnotation");
      expect(stateOf(pod)?.waiting?.message).toContain('invalid duration "soon"');
    });
  },
  { ownServer: true },
);
