import { PatchStrategy, setHeaderOptions, type V1EnvVar } from "@kubernetes/client-node";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../../lambdas/clock.ts";
import { declarationTags } from "../../../../lambdas/contracts/declaration.ts";
import type { GrantsFile } from "../../../../lambdas/contracts/grants.ts";
import { secretNameOf } from "../../../../lambdas/contracts/secret-name.ts";
import { targetTags } from "../../../../lambdas/contracts/target-tags.ts";
import { workloadText } from "../../../../lambdas/contracts/targets.ts";
import { createAccount, createService } from "../../../../sandbox/in-process/account.ts";
import { createPictify } from "../../../../sandbox/vendors/pictify.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../../kubernetes-api/eventually.ts";
import { FAKE_NODE } from "../../../kubernetes-api/fake-node.ts";
import { startOwnCluster } from "../../../kubernetes-api/own-cluster.ts";
import { keyVariable } from "../../../kubernetes-api/pod-template.ts";
import { podsOf, untilRolledOut } from "../../../kubernetes-api/rollout.ts";
import {
  annotateTemplate,
  createDeployment,
  readWorkload,
  replaceWorkload,
  type Workload,
} from "../../../kubernetes-api/workloads.ts";
import { CLUSTER, secretTarget } from "../../distribution/stand.ts";
import { settingsOfTest } from "../../settings-of-test.ts";
import { declarationOfTest } from "../../stand.ts";

/*
 * The functions of a service as they are, our Secrets Manager and our vendor in this process, and a real API server. Time is
 * real, as the cluster's is, so every delay is short.
 */
const KUBECONFIG_SECRET = "keyturn/clusters/test";
const PICTIFY_URL = "https://pictify.test";
const NAME = "pictify-credentials";
const SECRET = secretNameOf("prod", "web");
const MERGE = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
const OVERLAP_MS = 1;
const MINIMUM = { overlap: "PT0.001S", quiet: "PT0.001S", deadline: "PT1S" };
const WORKLOAD = { kind: "deployment", name: "web" } as const;

const grantsOf = (namespace: string): GrantsFile => ({
  ...settingsOfTest,
  reconcileInterval: "PT1M",
  connections: {
    pictify: {
      vendor: "pictify",
      adminSecret: "keyturn/pictify",
      baseUrl: PICTIFY_URL,
      plan: "pro",
      propagation: "PT0.1S",
      reportingDelay: "PT0.1S",
      skew: "PT0.1S",
      serves: [{ secret: "keyturn/prod/*", name: "*", type: "*", minimum: MINIMUM }],
    },
  },
  clusters: {
    [CLUSTER]: {
      access: { kubeconfigSecret: KUBECONFIG_SECRET },
      serves: [
        {
          secret: SECRET,
          kind: "kubernetes",
          namespace,
          name: NAME,
          restart: [workloadText(WORKLOAD)],
          minimum: { delay: "PT0.001S" },
        },
      ],
    },
  },
});

interface StartOptions {
  /** More variables of the workload. */
  readonly env?: readonly V1EnvVar[];
  /** How long `distribute` may run. */
  readonly timeoutMs?: number;
}

const started = async (cluster: TestCluster, { timeoutMs = 120_000 }: StartOptions = {}) => {
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
  const create = account.functions.create.bind(account.functions);
  account.functions.create = (made) => create(made.name.endsWith("distribute") ? { ...made, timeoutMs } : made);
  const functions = createService(account, "prod", grantsOf(namespace));
  const aws = <Answer>(operation: string, input: object) =>
    account.secretsManager.call(operation, input) as Promise<Answer>;
  await aws("CreateSecret", { Name: KUBECONFIG_SECRET, SecretString: cluster.kubeconfig });
  await aws("CreateSecret", { Name: "keyturn/pictify", SecretString: JSON.stringify({ apiKey: pictify.adminKey }) });
  const target = secretTarget(namespace, { restart: [WORKLOAD] });
  const declaration = { ...declarationOfTest, overlapMs: OVERLAP_MS, quietMs: 1, deadlineMs: 1_000 };
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
    await clock.sleep(2 * OVERLAP_MS); // a look in the very same millisecond would find it in its overlap
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
    /** The sum of a count. */
    metric: (name: string): number =>
      lines.map((line) => JSON.parse(line)[name] ?? 0).reduce((sum: number, value: number) => sum + value, 0),
    /** One pass that looks at everything. */
    look: () => invoke("reconcile", { revokeStrays: [] }),
  };
};

describeWithKubernetes(
  "an old key",
  (cluster: () => TestCluster) => {
    const running = async (on = cluster(), options: StartOptions = {}) => {
      const stand = await started(on, options);
      const { namespace, look } = stand;
      const container = { env: [keyVariable("PICTIFY_API_KEY"), ...(options.env ?? [])] };
      const spec = { progressDeadlineSeconds: 1 };
      await createDeployment(on, { namespace, container, spec });
      const workload = { kind: "Deployment", namespace, name: "web" } as const;
      await eventually("the first generation has arrived", async () => {
        await look();
        const pods = await podsOf(on, workload);
        return pods.length > 0 && pods.every((pod) => pod.metadata?.annotations?.[FAKE_NODE.startedWith] !== undefined);
      });
      return { ...stand, workload };
    };

    const annotated = (annotation: string, value: string) => ({
      stick: (workload: Workload) => annotateTemplate(cluster(), workload, { [annotation]: value }),
      free: (workload: Workload) => annotateTemplate(cluster(), workload, { [annotation]: null }),
    });
    const pause =
      (paused: boolean) =>
      async ({ name, namespace }: Workload) => {
        await cluster().apps.patchNamespacedDeployment({ name, namespace, body: { spec: { paused } } }, MERGE);
      };

    test.each([
      [
        "a pod has no image",
        /^the target web has not adopted: the pod web-\S+ of deployment\/web does not start: ImagePullBackOff/,
        annotated(FAKE_NODE.waiting, "ImagePullBackOff"),
      ],
      [
        "a rollout is past its deadline",
        /^the target web has not adopted: the rollout of deployment\/web does not go on: ProgressDeadlineExceeded/,
        annotated(FAKE_NODE.hold, "yes"),
      ],
      [
        "a Deployment is paused",
        /^the target web has not adopted: deployment\/web is paused: resume it/,
        { stick: pause(true), free: pause(false) },
      ],
    ])(
      "stays while %s, which is named and raises the alarms, and goes from vendor and cluster when all is well",
      async (_, reason, { stick, free }) => {
        const { workload, rotate, look, activeKeys, lastLife, dataOf, metric } = await running();
        await stick(workload);
        const failedBefore = metric("TargetsFailed");
        await rotate();
        const held = await eventually("the retirement is past its deadline, and waits for the workload", async () => {
          await look();
          return lastLife()?.state === "blocked" && reason.test(lastLife()?.reason) && lastLife();
        });
        const whileHeld = { keys: activeKeys().length, data: Object.keys(await dataOf()) };
        const alarms = { failed: metric("TargetsFailed") - failedBefore, blocked: metric("RetirementBlocked") };

        await free(workload);
        await eventually("the old key is revoked", async () => {
          await look();
          return activeKeys().length === 1;
        });
        await eventually("its value is gone from the cluster", async () => {
          await look();
          return !("api-key_OLD" in (await dataOf()));
        });

        expect(held).toMatchObject({ state: "blocked" });
        expect(whileHeld).toEqual({ keys: 2, data: expect.arrayContaining(["api-key", "api-key_NEW", "api-key_OLD"]) });
        expect(alarms.failed).toBeGreaterThan(0);
        expect(alarms.blocked).toBeGreaterThan(0);
        expect(Object.keys(await dataOf()).toSorted()).toEqual(["api-key", "api-key_NEW"]);
      },
    );

    test("goes, and leaves the current value in its place where a workload requires it, whose pods still start", async () => {
      const env = [keyVariable("PICTIFY_API_KEY_OLD", { key: "api-key_OLD" })];
      const { workload, rotate, look, activeKeys, dataOf } = await running(cluster(), { env });
      await rotate();
      await eventually("the old key is revoked, and its value gone from the cluster", async () => {
        await look();
        const data = await dataOf();
        return activeKeys().length === 1 && data["api-key_OLD"] === data["api-key"];
      });
      await annotateTemplate(cluster(), workload, { "keyturn.test/again": "yes" });
      await untilRolledOut(cluster(), workload);
      expect(Object.keys(await dataOf()).toSorted()).toEqual(["api-key", "api-key_NEW", "api-key_OLD"]);
    });

    test("goes once all pods run the new one, while a tool replaces the workload at each of its syncs, which is told and ends after two rollouts", async () => {
      const { namespace, workload, rotate, look, activeKeys, metric } = await running();
      const mark = `version.keyturn.dev/${NAME}`;
      const secret = () => cluster().core.readNamespacedSecret({ name: NAME, namespace });
      const before = (await secret()).data?.["api-key"];
      const failedBefore = metric("TargetsFailed");
      const marks: string[] = [];
      /** The Secret's resourceVersion since it has the new value: API servers count up. */
      let writtenAt = Number.POSITIVE_INFINITY;
      const syncAfterPass = async () => {
        await look();
        const { data, metadata } = await secret();
        if (data?.["api-key"] !== before) writtenAt = Math.min(writtenAt, Number(metadata?.resourceVersion));
        const found = (await readWorkload(cluster(), workload)).spec?.template.metadata?.annotations?.[mark];
        await untilRolledOut(cluster(), workload);
        if (found === undefined) return;
        marks.push(found);
        await replaceWorkload(cluster(), workload, [mark]);
        await untilRolledOut(cluster(), workload);
      };
      await rotate();
      await eventually("the old key is revoked, and the tool is told of", async () => {
        await syncAfterPass();
        return activeKeys().length === 1 && metric("TargetsFailed") > failedBefore;
      });
      const pods = await podsOf(cluster(), workload);
      const startedWith = pods.map(
        (pod) => JSON.parse(pod.metadata?.annotations?.[FAKE_NODE.startedWith] ?? "{}")[NAME] as string,
      );
      for (let n = 0; n < 2; n++) await syncAfterPass();

      expect(startedWith.filter((version) => Number(version) < writtenAt)).toEqual([]);
      expect(startedWith.length).toBeGreaterThan(0);
      // Two passes of a moment may each put the mark back before the tool comes by, which then takes off one.
      expect(marks.filter((found) => found === marks.at(-1)).length).toBeLessThanOrEqual(2);
      const noted = JSON.parse((await secret()).metadata?.annotations?.["keyturn.dev/rolled-out"] ?? "{}");
      expect(noted.workloads["deployment/web"].times).toBe(2);
    });

    test("stays while its cluster is away, and goes when a pass has brought the new one there", {
      timeout: 120_000,
    }, async () => {
      const own = await startOwnCluster();
      const { rotate, look, activeKeys, lastLife, dataOf } = await running(own, { timeoutMs: 10_500 });
      const before = await dataOf();
      await own.kill();
      await rotate();
      await eventually("its overlap is over", async () => {
        await look();
        return lastLife()?.state !== "overlap";
      });
      const whileAway = { keys: activeKeys().length, reason: lastLife()?.reason };
      await own.start();
      await eventually("the old key is revoked", async () => {
        await look();
        return activeKeys().length === 1;
      });
      expect(whileAway).toEqual({
        keys: 2,
        reason: expect.stringMatching(/^the target web has not adopted: the API server at \S+ cannot be reached/),
      });
      expect((await dataOf())["api-key"]).not.toBe(before["api-key"]);
    });

    test.each([
      ["deleted", (namespace: string) => cluster().core.deleteNamespacedSecret({ name: NAME, namespace })],
      [
        "changed",
        (namespace: string) =>
          cluster().core.patchNamespacedSecret(
            { name: NAME, namespace, body: { data: { "api-key": "YnkgaGFuZA==" } } },
            MERGE,
          ),
      ],
    ])("whose Secret was %s by hand stays until the Secret is right again, which a pass sees to", async (_, spoil) => {
      const { namespace, rotate, look, activeKeys, dataOf } = await running();
      const revoked = (what: string) =>
        eventually(what, async () => {
          await look();
          return activeKeys().length === 1;
        });
      await rotate();
      await revoked("the first key is revoked");
      const before = await dataOf();
      await spoil(namespace);
      await look();
      await eventually("the Secret is as it was", async () => {
        const data = await dataOf().catch(() => undefined);
        return data?.["api-key"] === before["api-key"];
      });
      await rotate();
      await revoked("the old key is revoked");
      expect((await dataOf())["api-key"]).not.toBe(before["api-key"]);
    });
  },
  { ownServer: true },
);
