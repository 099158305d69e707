import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../../lambdas/clock.ts";
import { declarationTags } from "../../../../lambdas/contracts/declaration.ts";
import type { GrantsFile } from "../../../../lambdas/contracts/grants.ts";
import { secretNameOf } from "../../../../lambdas/contracts/secret-name.ts";
import { targetTags, workloadText } from "../../../../lambdas/contracts/targets.ts";
import { createAccount, createService } from "../../../../sandbox/in-process/account.ts";
import { createPictify } from "../../../../sandbox/vendors/pictify.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../../kubernetes-api/eventually.ts";
import { FAKE_NODE } from "../../../kubernetes-api/fake-node.ts";
import { keyVariable } from "../../../kubernetes-api/pod-template.ts";
import { podsOf } from "../../../kubernetes-api/rollout.ts";
import { annotateTemplate, createDeployment } from "../../../kubernetes-api/workloads.ts";
import { CLUSTER, secretTarget } from "../../distribution/stand.ts";
import { declarationOfTest } from "../../stand.ts";

/*
 * The functions of a service as they are, our Secrets Manager and our vendor in this process, and a real API server. Time is
 * real, as the cluster's is, so every delay is short.
 */
const KUBECONFIG_SECRET = "keyturn/clusters/test";
const PICTIFY_URL = "https://pictify.test";
const NAME = "pictify-credentials";
const SECRET = secretNameOf("prod", "web");
const WORKLOAD = { kind: "deployment", name: "web" } as const;

const grantsOf = (namespace: string): GrantsFile => ({
  service: "prod",
  mintTimeout: "PT5M",
  reconcileInterval: "PT1M",
  strayAge: "PT24H",
  stuckAge: "PT6H",
  strays: "report",
  maxStrayRevocations: 5,
  connections: {
    pictify: {
      vendor: "pictify",
      adminSecret: "keyturn/pictify",
      baseUrl: PICTIFY_URL,
      plan: "pro",
      propagation: "PT0.1S",
      reportingDelay: "PT0.1S",
      skew: "PT0.1S",
      serves: [{ secret: "keyturn/prod/*", name: "*", type: "*" }],
    },
  },
  clusters: {
    [CLUSTER]: {
      access: { kubeconfigSecret: KUBECONFIG_SECRET },
      serves: [{ secret: SECRET, kind: "kubernetes", namespace, name: NAME, restart: [workloadText(WORKLOAD)] }],
    },
  },
});

const started = async (cluster: TestCluster) => {
  const namespace = await cluster.freshNamespace();
  const clock = systemClock;
  const pictify = createPictify({ clock, propagationMs: 0, usageDelayMs: 0 });
  const lines: string[] = [];
  const account = createAccount({
    clock,
    vendors: new Map([[PICTIFY_URL, pictify.fetch]]),
    write: (line) => void lines.push(line),
  });
  onTestFinished(() => account.close());
  const functions = createService(account, "prod", grantsOf(namespace));
  const aws = <Answer>(operation: string, input: object) =>
    account.secretsManager.call(operation, input) as Promise<Answer>;
  await aws("CreateSecret", { Name: KUBECONFIG_SECRET, SecretString: cluster.kubeconfig });
  await aws("CreateSecret", { Name: "keyturn/pictify", SecretString: JSON.stringify({ apiKey: pictify.adminKey }) });
  const target = secretTarget(namespace, { restart: [WORKLOAD] });
  const declaration = { ...declarationOfTest, overlapMs: 1, quietMs: 1 };
  const tags = Object.entries({ ...declarationTags(declaration), ...targetTags(target) });
  const { ARN: arn } = await aws<{ ARN: string }>("CreateSecret", {
    Name: SECRET,
    Tags: tags.map(([Key, Value]) => ({ Key, Value })),
  });
  const invoke = async (role: keyof typeof functions, event: object) => {
    const { error } = await account.functions.invoke(functions[role], event);
    if (error !== undefined) throw new Error(error);
  };
  await invoke("manage", { action: "ensure", secretId: arn });
  await aws("RotateSecret", {
    SecretId: arn,
    RotationLambdaARN: account.functions.arnOf(functions.rotate),
    RotationRules: { AutomaticallyAfterDays: 90 },
    RotateImmediately: false,
  });
  await account.secretsManager.idle();

  const rotate = async () => {
    await aws("RotateSecret", { SecretId: arn });
    await account.secretsManager.idle();
  };
  const activeKeys = () => pictify.keys().filter((key) => key.active && key.name.includes("-kt-"));
  const dataOf = async (): Promise<Readonly<Record<string, string>>> =>
    (await cluster.core.readNamespacedSecret({ name: NAME, namespace })).data ?? {};
  const lastLife = () =>
    lines
      .map((line) => JSON.parse(line))
      .filter(({ action, state }) => action === "key.lives" && state !== "current")
      .at(-1);
  return {
    namespace,
    rotate,
    activeKeys,
    dataOf,
    lastLife,
    /** One pass that looks at everything. */
    look: () => invoke("reconcile", { revokeStrays: [] }),
  };
};

describeWithKubernetes(
  "an old key",
  (cluster: () => TestCluster) => {
    const running = async () => {
      const stand = await started(cluster());
      const { namespace, look } = stand;
      const container = { env: [keyVariable("PICTIFY_API_KEY")] };
      await createDeployment(cluster(), { namespace, container });
      const workload = { kind: "Deployment", namespace, name: "web" } as const;
      await eventually("the first generation has arrived", async () => {
        await look();
        const pods = await podsOf(cluster(), workload);
        return pods.length > 0 && pods.every((pod) => pod.metadata?.annotations?.[FAKE_NODE.startedWith] !== undefined);
      });
      return { ...stand, workload };
    };

    test("stays valid while a pod does not run the new one, and goes from vendor and cluster when all do", async () => {
      const { workload, rotate, look, activeKeys, lastLife, dataOf } = await running();
      await annotateTemplate(cluster(), workload, { [FAKE_NODE.waiting]: "ImagePullBackOff" });
      await rotate();
      const held = await eventually("the retirement waits for a pod", async () => {
        await look();
        return /pod web-\S+/.test(lastLife()?.reason ?? "") && lastLife();
      });
      const whileHeld = { keys: activeKeys().length, data: Object.keys(await dataOf()) };

      await annotateTemplate(cluster(), workload, { [FAKE_NODE.waiting]: null });
      await eventually("the old key is revoked", async () => {
        await look();
        return activeKeys().length === 1;
      });
      await eventually("its value is gone from the cluster", async () => {
        await look();
        return !("api-key_OLD" in (await dataOf()));
      });

      expect(held.reason).toMatch(/^the target web has not adopted: the pod web-\S+ of deployment\/web does not start/);
      expect(whileHeld).toEqual({ keys: 2, data: expect.arrayContaining(["api-key", "api-key_NEW", "api-key_OLD"]) });
      expect(Object.keys(await dataOf()).toSorted()).toEqual(["api-key", "api-key_NEW"]);
    });

    test("whose Secret was deleted by hand stays until the Secret is back, which a pass sees to", async () => {
      const { namespace, rotate, look, activeKeys, dataOf } = await running();
      await cluster().core.deleteNamespacedSecret({ name: NAME, namespace });
      await look();
      const back = await eventually("the Secret is back", () => dataOf().catch(() => undefined));
      await rotate();
      await eventually("the old key is revoked", async () => {
        await look();
        return activeKeys().length === 1;
      });
      expect(Object.keys(back)).toContain("api-key");
      expect((await dataOf())["api-key"]).not.toBe(back["api-key"]);
    });
  },
  { ownServer: true },
);
