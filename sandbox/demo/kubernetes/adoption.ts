import { distributeAnswer, type TargetResult } from "../../../lambdas/contracts/distribute.ts";
import { read } from "../../../lambdas/contracts/read.ts";
import type { WatchedKey } from "../key-watch.ts";
import { type Scene, until } from "../scene.ts";

/** How the key's target stands, asked of `distribute` as reconcile asks. */
const targetOf = async ({ stage }: Scene, { secretArn: arn, currentVersionId }: WatchedKey): Promise<TargetResult> => {
  const event = { action: "observe", secrets: [{ arn, versionId: currentVersionId }] };
  const { targets, failed } = read(distributeAnswer, await stage.invoke("distribute", event), "distribute's answer");
  const [target] = targets;
  if (target) return target;
  throw new Error(`distribute does not answer for the key's target: ${failed[0]?.reason ?? "it has none"}`);
};

/** Waits until the key's target has adopted its current generation, and says what it waits for. */
export const untilAdopted = async (scene: Scene, key: WatchedKey): Promise<void> => {
  const { stage, view } = scene;
  const told = new Set<string>();
  await until(stage, "the rollout", async () => {
    const { adopted, code, reason } = await targetOf(scene, key);
    const why = `not adopted: ${code}, ${reason}`;
    if (!adopted && !told.has(why)) view.line(why);
    told.add(why);
    return adopted;
  });
};
