import { readFile } from "node:fs/promises";
import { KubeConfig } from "@kubernetes/client-node";
import { systemClock } from "../lambdas/clock.ts";
import type { TargetResult } from "../lambdas/contracts/distribute.ts";
import { sendOverHttps } from "../lambdas/targets/kubernetes/transport.ts";
import { startApiServer } from "../sandbox/kubernetes-api/api-server.ts";
import { clusterOf, type TestCluster } from "../test/kubernetes-api/cluster.ts";
import { keyVariable } from "../test/kubernetes-api/pod-template.ts";
import { createDeployment } from "../test/kubernetes-api/workloads.ts";
import {
  type DistributionStand,
  openDistribution,
  secretTarget,
  type TestKey,
} from "../test/lambdas/distribution/in-process-distribution.ts";

/*
 * Many keys with a target each in one namespace of a real API server: a Secret, and a Deployment of one pod that reads it. The
 * function is as it is; Secrets Manager answers in this process, at once.
 */

/** What one invocation asked for, and how long it took. */
export interface Invocation {
  readonly durationMs: number;
  /** Of the API server, by kind: `PATCH secrets`. */
  readonly calls: Readonly<Record<string, number>>;
  /** Of Secrets Manager, by operation. */
  readonly awsCalls: Readonly<Record<string, number>>;
  /** The times of the API server's answers, together. */
  readonly answeringMs: number;
  readonly targets: readonly TargetResult[];
}

export interface DistributionScene {
  readonly keys: readonly TestKey[];
  /**
   * One invocation. @param wayMs how much longer each request to the API server is under way
   * @throws Error when a secret cannot be read
   */
  ask(action: "apply" | "observe", keys: readonly TestKey[], wayMs?: number): Promise<Invocation>;
  /** Makes a new generation current. */
  rotate(keys: readonly TestKey[]): Promise<void>;
  /** Ends the overlap. */
  retire(keys: readonly TestKey[]): Promise<void>;
  close(): Promise<void>;
}

interface BenchCluster {
  readonly cluster: TestCluster;
  stop(): Promise<void>;
}

/** The cluster that KEYTURN_TEST_KUBECONFIG names, else an API server of our own. */
const openCluster = async (): Promise<BenchCluster> => {
  const named = process.env.KEYTURN_TEST_KUBECONFIG;
  if (!named) {
    const server = await startApiServer();
    return { cluster: clusterOf(server.kubeconfig, server.folder), stop: () => server.stop() };
  }
  const config = new KubeConfig();
  config.loadFromString(await readFile(named, "utf8"));
  const cluster = clusterOf(config.exportConfig());
  return { cluster, stop: () => cluster.removeNamespaces() };
};

const RESOURCE = /\/namespaces\/[^/]+\/([a-z]+)/;

/** Counts by name what is noted between two looks. */
const counter = () => {
  let counts: Record<string, number> = {};
  return {
    note: (name: string): void => {
      counts[name] = (counts[name] ?? 0) + 1;
    },
    take: (): Readonly<Record<string, number>> => {
      const taken = counts;
      counts = {};
      return taken;
    },
  };
};

const openStand = async (kubeconfig: string) => {
  const [calls, awsCalls] = [counter(), counter()];
  let [answeringMs, wayMs] = [0, 0];
  const stand = await openDistribution({
    kubeconfig,
    onCall: awsCalls.note,
    world: {
      send: async (endpoint, request) => {
        calls.note(`${request.method} ${RESOURCE.exec(request.path)?.[1]}`);
        const beganMs = performance.now();
        if (wayMs > 0) await systemClock.sleep(wayMs);
        const answer = await sendOverHttps(endpoint, request);
        answeringMs += performance.now() - beganMs;
        return answer;
      },
    },
  });
  const take = () => ({ calls: calls.take(), awsCalls: awsCalls.take(), answeringMs });
  const begin = (nextWayMs: number): void => {
    take();
    [answeringMs, wayMs] = [0, nextWayMs];
  };
  return { stand, begin, take };
};

/** A Deployment of one pod, and a key whose target it reads. */
const declareOne = async (
  cluster: TestCluster,
  stand: DistributionStand,
  namespace: string,
  name: string,
): Promise<TestKey> => {
  const container = { env: [keyVariable("API_KEY", { secretName: name })] };
  await createDeployment(cluster, { namespace, name, spec: { replicas: 1 }, container });
  return stand.declare([secretTarget(namespace, { name, restart: [{ kind: "deployment", name }] })], name);
};

/** @param size how many targets */
export const openDistributionScene = async (size: number): Promise<DistributionScene> => {
  const { cluster, stop } = await openCluster();
  const { stand, begin, take } = await openStand(cluster.kubeconfig);
  const close = async () => {
    stand.close();
    await stop();
  };
  try {
    const namespace = await cluster.freshNamespace();
    const keys: TestKey[] = [];
    for (let index = 0; index < size; index++) keys.push(await declareOne(cluster, stand, namespace, `web-${index}`));
    return {
      keys,
      close,
      async ask(action, asked, wayMs = 0) {
        begin(wayMs);
        const beganMs = performance.now();
        const { targets, failed } = await stand.ask(action, asked);
        const durationMs = performance.now() - beganMs;
        if (failed.length > 0) throw new Error(`secrets were not read: ${JSON.stringify(failed)}`);
        return { durationMs, targets, ...take() };
      },
      async rotate(rotated) {
        for (const key of rotated) await stand.rotate(key);
      },
      async retire(retired) {
        for (const key of retired) await stand.retire(key);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const LOOK_MS = 200;
const PATIENCE_MS = 300_000;

/**
 * Looks at the targets of some keys again and again, until all of them have adopted.
 * @throws Error after five minutes, with what they say
 */
export const untilAdopted = async (scene: DistributionScene, keys: readonly TestKey[]): Promise<void> => {
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const { targets } = await scene.ask("observe", keys);
    const open = targets.filter(({ adopted }) => !adopted);
    if (open.length === 0) return;
    if (performance.now() > untilMs)
      throw new Error(`${open.length} targets have not adopted: ${open[0]?.code} ${open[0]?.reason}`);
    await systemClock.sleep(LOOK_MS);
  }
};
