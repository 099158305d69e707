import { RotateSecretCommand } from "@aws-sdk/client-secrets-manager";
import type { WatchedKey } from "./key-watch.ts";
import { currentGeneration, type Held, type Scene, until, verdict } from "./scene.ts";

/** Has Secrets Manager rotate keys, and waits until each new generation is current. */
export const rotateKeys = async (scene: Scene, keys: readonly WatchedKey[]): Promise<void> => {
  const { stage, view, watch, steps } = scene;
  const before = new Map(keys.map((key) => [key.secretArn, key.currentVersionId]));
  const seenBefore = steps.length;
  for (const { secretArn } of keys) await stage.secretsManager.send(new RotateSecretCommand({ SecretId: secretArn }));
  const finished = (key: WatchedKey) =>
    steps
      .slice(seenBefore)
      .some(({ secretArn, step, error }) => secretArn === key.secretArn && step === "finishSecret" && !error);
  await until(stage, "the rotation", async () => {
    view.waiting("create, set, test and finish each secret; a new key is tested when its vendor has spread it");
    await watch.lookAtSecrets();
    return keys.every((key) => key.currentVersionId !== before.get(key.secretArn) && finished(key));
  });
};

/** Both generations must work in the overlap. */
export const checkOverlap = async (scene: Scene, old: readonly Held[]): Promise<void> => {
  const { view, problems } = scene;
  for (const outgoing of old) {
    const incoming = await currentGeneration(scene, outgoing.key);
    const verdicts = [await verdict(scene, outgoing), await verdict(scene, incoming)];
    const { name } = outgoing.key;
    view.line(`${name}: ${outgoing.keyId} is ${verdicts[0]}, ${incoming.keyId} is ${verdicts[1]}`);
    if (verdicts.includes("dead")) problems.push(`${name}: not both generations were valid in the overlap`);
    if (incoming.keyId === outgoing.keyId) problems.push(`${name}: the rotation changed nothing`);
  }
};
