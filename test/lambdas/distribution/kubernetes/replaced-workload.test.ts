import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { beforeAll, describe, expect, test } from "vitest";
import type { TargetResult } from "../../../../lambdas/contracts/distribute.ts";
import type { TargetDeclaration } from "../../../../lambdas/contracts/targets.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { eventually } from "../../../kubernetes-api/eventually.ts";
import { installExternalSecrets } from "../../../kubernetes-api/external-secrets.ts";
import { startFaultyFront } from "../../../kubernetes-api/faulty-front.ts";
import { keyVariable } from "../../../kubernetes-api/pod-template.ts";
import { podsOf, untilRolledOut } from "../../../kubernetes-api/rollout.ts";
import {
  annotateTemplate,
  createDaemonSet,
  createDeployment,
  createStatefulSet,
  readWorkload,
  replaceWorkload,
  type WorkloadKind,
} from "../../../kubernetes-api/workloads.ts";
import { externalSecretsIn, externalTarget } from "../operator.ts";
import { createDistribution, type DistributionStand, secretTarget, type TestKey } from "../stand.ts";

const NAME = "pictify-credentials";
const MARK = `version.keyturn.dev/${NAME}`;
const NOTES = "keyturn.dev/rolled-out";
const MERGE = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
const CREATE = { Deployment: createDeployment, StatefulSet: createStatefulSet, DaemonSet: createDaemonSet } as const;
const container = { env: [keyVariable("PICTIFY_API_KEY")] };

interface Options {
  readonly kind?: WorkloadKind;
  readonly kubeconfig?: string;
  readonly targetIn?: (namespace: string, changes: Pick<TargetDeclaration, "restart">) => TargetDeclaration;
}

describeWithKubernetes("a workload that a tool replaces", (cluster: () => TestCluster) => {
  /** A workload that runs the first value. */
  const running = async ({ kind = "Deployment", kubeconfig = cluster().kubeconfig }: Options = {}) => {
    const namespace = await cluster().freshNamespace();
    const stand = await createDistribution({ kubeconfig });
    const restart = [{ kind: kind.toLowerCase() as "deployment", name: "web" }];
    const key = await stand.declare([secretTarget(namespace, { restart })]);
    await stand.apply(key);
    const workload = { kind, namespace, name: "web" } as const;
    await CREATE[kind](cluster(), { namespace, container });
    await untilRolledOut(cluster(), workload);
    await stand.apply(key);
    await untilAdopted(stand, key);
    return { stand, key, workload, ...looks(stand, workload) };
  };

  const untilAdopted = (stand: DistributionStand, key: TestKey): Promise<TargetResult> =>
    eventually("the target has adopted", async () => {
      const result = await stand.observe(key);
      return result.adopted && result;
    });

  const looks = (stand: DistributionStand, workload: Parameters<typeof readWorkload>[1]) => {
    const uids = async () => (await podsOf(cluster(), workload)).map(({ metadata }) => metadata?.uid).toSorted();
    return {
      uids,
      markOf: async () => (await readWorkload(cluster(), workload)).spec?.template.metadata?.annotations?.[MARK],
      failed: () =>
        stand.lines.map((line) => JSON.parse(line).TargetsFailed ?? 0).reduce((sum, count) => sum + count, 0),
      /** The tool's sync. */
      sync: async (spec: object = {}) => {
        await replaceWorkload(cluster(), workload, [MARK], spec);
        await untilRolledOut(cluster(), workload);
      },
      /** What a pass asks for. @returns whether other pods run after it */
      pass: async (key: TestKey) => {
        const before = await uids();
        await stand.apply(key);
        await untilRolledOut(cluster(), workload);
        return (await uids()).join() !== before.join();
      },
      secret: async () => cluster().core.readNamespacedSecret({ name: NAME, namespace: workload.namespace }),
    };
  };

  describe.each(["Deployment", "StatefulSet", "DaemonSet"] as const)("at each of its syncs: a %s", (kind) => {
    test("is rolled out twice with one value, has adopted by its pods' age, and is told until the tool leaves the mark", async () => {
      const { stand, key, failed, sync, pass, markOf } = await running({ kind });
      await stand.rotate(key);
      const rolledOut: boolean[] = [];
      for (let n = 0; n < 4; n++) {
        rolledOut.push(await pass(key));
        await sync();
      }
      const failedBefore = failed();
      const adopted = await untilAdopted(stand, key);
      const command = /kubectl annotate (\S+) (\S+) --namespace (\S+) (\S+)-$/.exec(adopted.reason ?? "");

      expect(rolledOut).toEqual([true, true, false, false]);
      expect(adopted).toMatchObject({ adopted: true, code: "REPLACED" });
      expect(adopted).not.toHaveProperty("behind");
      expect(adopted.reason).toContain(`${kind.toLowerCase()}/web loses the annotation ${MARK} of its pod template`);
      expect(command?.slice(1)).toEqual(["secrets", NAME, expect.any(String), NOTES]);
      expect(failed()).toBeGreaterThan(failedBefore);
      expect(stand.lines.map((line) => JSON.parse(line).action)).toContain("target.needs-somebody");

      await stand.rotate(key);
      const anew = await pass(key);
      expect(anew).toBe(true);
      expect(await markOf()).toBe(key.versionId);
      expect(await untilAdopted(stand, key)).not.toHaveProperty("code");
    });
  });

  test("begins anew when a person takes the notes off, as they are told to", async () => {
    const { stand, key, workload, sync, pass } = await running();
    for (let n = 0; n < 2; n++) {
      await sync();
      await pass(key);
    }
    await sync();
    const told = await stand.observe(key);
    const { namespace } = workload;
    const body = { metadata: { annotations: { [NOTES]: null } } };
    await cluster().core.patchNamespacedSecret({ name: NAME, namespace, body }, MERGE);
    const behind = await stand.observe(key);
    const rolledOut = await pass(key);
    expect(told).toMatchObject({ code: "REPLACED" });
    expect(behind).toMatchObject({ adopted: false, code: "BEHIND", behind: true });
    expect(rolledOut).toBe(true);
    expect(await untilAdopted(stand, key)).not.toHaveProperty("code");
  });

  test("once, as a person does it, is rolled out once more, and all is well", async () => {
    const { stand, key, uids, sync, pass, markOf } = await running();
    await sync();
    const behind = await stand.observe(key);
    const rolledOut = await pass(key);
    const pods = await uids();
    const again = await pass(key);
    expect(behind).toMatchObject({ adopted: false, code: "BEHIND", behind: true });
    expect(rolledOut).toBe(true);
    expect(again).toBe(false);
    expect(await markOf()).toBe(key.versionId);
    expect(await untilAdopted(stand, key)).not.toHaveProperty("code");
    expect(await uids()).toEqual(pods);
  });

  test("has not adopted while pods are left that started before the value, which are named; it has when they are deleted", async () => {
    const { stand, key, workload, uids, sync } = await running();
    const { namespace } = workload;
    await sync();
    const old = await eventually("the pods before are gone", async () => {
      const pods = await podsOf(cluster(), workload);
      return pods.length === 2 && pods;
    });
    const before = await uids();
    await stand.rotate(key);
    for (let n = 0; n < 2; n++) {
      // The mark reaches no pod: the tool is there before.
      await replaceWorkload(cluster(), workload, [], { paused: true });
      await stand.apply(key);
      await sync({ paused: false });
    }
    const untouched = await uids();
    const { reason = "", ...told } = await stand.observe(key);
    for (const { metadata } of old) await cluster().core.deleteNamespacedPod({ name: metadata?.name ?? "", namespace });

    expect(untouched).toEqual(before);
    expect(told).toMatchObject({ adopted: false, code: "REPLACED" });
    expect(told).not.toHaveProperty("behind");
    for (const { metadata } of old) expect(reason).toContain(metadata?.name);
    expect(reason).toContain("has pods that may have started with another value, and are to be deleted");
    expect(await untilAdopted(stand, key)).toMatchObject({ code: "REPLACED" });
  });

  test("that is restarted by a person keeps the mark, and is not rolled out by Keyturn", async () => {
    const { stand, key, workload, pass } = await running();
    await annotateTemplate(cluster(), workload, { "kubectl.kubernetes.io/restartedAt": "2026-11-22T12:00:00Z" });
    await untilRolledOut(cluster(), workload);
    expect(await pass(key)).toBe(false);
    expect(await untilAdopted(stand, key)).not.toHaveProperty("code");
  });

  test("counts no rollout that was refused, however often it is changed meanwhile", async () => {
    const front = await startFaultyFront(cluster());
    const { stand, key, workload, sync, pass } = await running({ kubeconfig: front.through(cluster().kubeconfig) });
    await stand.rotate(key);
    front.decideBy(({ method, path }) =>
      method === "PATCH" && path.includes("/deployments/") ? { kind: "answer", status: 403 } : undefined,
    );
    const codes: (string | undefined)[] = [];
    for (let n = 0; n < 3; n++) {
      codes.push((await stand.apply(key)).code);
      await replaceWorkload(cluster(), workload, [], { replicas: 3 });
      await replaceWorkload(cluster(), workload, [], { replicas: 2 });
    }
    front.decideBy(() => undefined);
    await untilRolledOut(cluster(), workload);
    const first = await pass(key);
    await sync();
    const second = await pass(key);
    expect(codes).toEqual(["FORBIDDEN", "FORBIDDEN", "FORBIDDEN"]);
    expect([first, second]).toEqual([true, true]);
    expect(await untilAdopted(stand, key)).not.toHaveProperty("code");
  });

  test("with a Secret of before, which has no notes, is not rolled out for that, and then counted from the first loss", async () => {
    const { key, workload, sync, pass, secret } = await running();
    const { namespace } = workload;
    const body = { metadata: { annotations: { [NOTES]: null } } };
    await cluster().core.patchNamespacedSecret({ name: NAME, namespace, body }, MERGE);
    const rolledOut = [await pass(key)];
    const withoutNotes = (await secret()).metadata?.annotations ?? {};
    for (let n = 0; n < 3; n++) {
      await sync();
      rolledOut.push(await pass(key));
    }
    expect(withoutNotes).not.toHaveProperty(NOTES);
    expect(rolledOut).toEqual([false, true, true, false]);
  });
});

describeWithKubernetes("a workload of an ExternalSecret that a tool replaces", (cluster: () => TestCluster) => {
  beforeAll(() => installExternalSecrets(cluster()), 120_000);

  test("is rolled out twice with one value, and none is counted before the operator has written it", async () => {
    const namespace = await cluster().freshNamespace();
    const stand = await createDistribution({ kubeconfig: cluster().kubeconfig, timeoutMs: 30_000 });
    const key = await stand.declare([externalTarget(namespace, { restart: [{ kind: "deployment", name: "web" }] })]);
    const workload = { kind: "Deployment", namespace, name: "web" } as const;
    await createDeployment(cluster(), { namespace });
    await untilRolledOut(cluster(), workload);
    const { operate, read } = externalSecretsIn(cluster());
    const sync = async () => {
      await replaceWorkload(cluster(), workload, [MARK]);
      await untilRolledOut(cluster(), workload);
    };
    const pass = async () => {
      const { metadata } = await readWorkload(cluster(), workload);
      await stand.apply(key);
      await untilRolledOut(cluster(), workload);
      const after = await readWorkload(cluster(), workload);
      return after.metadata?.generation !== metadata?.generation;
    };

    const waiting = stand.apply(key);
    const noted = await eventually("the ExternalSecret is there", () =>
      read(namespace).then(
        ({ metadata }) => metadata.annotations,
        () => undefined,
      ),
    );
    await operate(stand, namespace);
    await waiting;
    await untilRolledOut(cluster(), workload);
    const afterwards = (await read(namespace)).metadata.annotations;
    const rolledOut: boolean[] = [];
    for (let n = 0; n < 3; n++) {
      await sync();
      rolledOut.push(await pass());
    }
    const told = await eventually("it has adopted", async () => {
      const result = await stand.observe(key);
      return result.adopted && result;
    });
    expect(noted).not.toHaveProperty(NOTES);
    expect(afterwards).toHaveProperty(NOTES);
    expect(rolledOut).toEqual([true, false, false]);
    expect(told).toMatchObject({ code: "REPLACED" });
    expect(told.reason).toContain(`kubectl annotate externalsecrets ${NAME} --namespace ${namespace} ${NOTES}-`);
  });
});
