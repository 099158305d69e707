import { oldKeyOf } from "../../lambdas/targets/kubernetes/names.ts";
import { SANDBOX_CLUSTER } from "../../stacks/sandbox-cluster.ts";
import { untilAdopted } from "./kubernetes/adoption.ts";
import type { InCluster } from "./kubernetes/enter-cluster.ts";
import { REPLICAS } from "./kubernetes/worker.ts";
import { checkOverlap, rotateKeys } from "./rotate-keys.ts";
import {
  currentGeneration,
  type Held,
  keyNamed,
  lookAround,
  POLL_MS,
  type Scene,
  seenGeneration,
  until,
  verdict,
} from "./scene.ts";

const { keyName, secretName, dataKey } = SANDBOX_CLUSTER;

/** A generation that was replaced in the pods, and that waits for its overlap to end. */
export interface Replaced {
  readonly old: Held;
  readonly adoptedAtMs: number;
}

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;

/** All pods must run with the new version now, and the old key must work: nothing revokes it before they do. */
const checkAdopted = async (scene: Scene, { pods }: InCluster, old: Held): Promise<void> => {
  const { stage, view, problems } = scene;
  await stage.clock.sleep(POLL_MS); // what the pods' programs are told may be a moment behind
  const incoming = await currentGeneration(scene, old.key);
  const running = pods.running();
  const behind = running.filter(({ value }) => value?.reveal() !== incoming.apiKey.reveal()).length;
  const found = await verdict(scene, old);
  view.line(
    `${running.length - behind} of ${REPLICAS} pods run with ${incoming.keyId}; ${old.keyId} is ${found}, for its overlap`,
  );
  if (behind > 0 || running.length !== REPLICAS)
    problems.push(`adopted, but ${behind} of ${running.length} pods run with another key`);
  if (found === "dead") problems.push(`${old.keyId} was revoked before its overlap was over`);
};

/** A rotation of the key that pods live on: the Secret is written, the pods are replaced, and that is seen. */
export const rotateInCluster = async (scene: Scene, inCluster: InCluster): Promise<Replaced> => {
  const { stage, view } = scene;
  const key = keyNamed(scene, keyName);
  const old = await currentGeneration(scene, key);
  view.line(`${keyName}: the rotation starts; the pods run with ${old.keyId}`);
  await rotateKeys(scene, [key]);
  const promotedAtMs = stage.clock.now();
  await checkOverlap(scene, [old]);

  await untilAdopted(scene, key);

  const adoptedAtMs = stage.clock.now();
  view.line(`adopted, ${seconds(adoptedAtMs - promotedAtMs)} after the rotation`);
  await checkAdopted(scene, inCluster, old);
  return { old, adoptedAtMs };
};

/** The old key must have gone after the adoption, and with it its value from the Secret. */
export const checkRetiredInCluster = async (
  scene: Scene,
  { cluster, pods }: InCluster,
  { old, adoptedAtMs }: Replaced,
): Promise<void> => {
  const { stage, view, problems, deferrals } = scene;
  if (deferrals.some(({ keyId }) => keyId === old.keyId)) return;
  await lookAround(scene);
  const { revokedAtMs } = seenGeneration(old);
  const afterMs = (revokedAtMs ?? 0) - adoptedAtMs;
  view.line(`${keyName}: ${old.keyId} was revoked ${seconds(afterMs)} after the pods had adopted`);
  if (afterMs <= 0) problems.push(`${keyName}: the old key was revoked before the pods had adopted`);
  // The schedule's own look at what it has revoked may take a while longer: here a person asks for it.
  await stage.invoke("reconcile", { only: [old.key.secretArn] });
  let keys: readonly string[] = [];
  await until(stage, `the end of ${oldKeyOf(dataKey)}`, async () => {
    keys = await cluster.dataKeys();
    return !keys.includes(oldKeyOf(dataKey));
  });
  view.line(`the Secret ${cluster.namespace}/${secretName} now has ${keys.join(", ")}, and no ${oldKeyOf(dataKey)}`);
  view.line(`no request of a pod failed: ${pods.counts().requests} requests, ${pods.counts().failures} failures`);
};
