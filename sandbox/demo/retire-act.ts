import { type Deferral, waitForRetirement } from "./retirement.ts";
import { type Held, type Scene, verdict } from "./scene.ts";

const checkRetired = async (scene: Scene, old: readonly Held[], deferred: readonly Deferral[]): Promise<void> => {
  const { view, problems } = scene;
  for (const outgoing of old) {
    if (deferred.some(({ keyId }) => keyId === outgoing.keyId)) continue;
    const found = await verdict(scene, outgoing);
    view.line(`${outgoing.key.name}: a call with ${outgoing.keyId} ${found === "dead" ? "gets 401" : "STILL WORKS"}`);
    if (found === "alive") problems.push(`${outgoing.key.name}: the old key ${outgoing.keyId} still works`);
  }
};

/** Waits until the deployed schedule has revoked old keys, and calls their vendors with them. */
export const retire = async (scene: Scene, old: readonly Held[]): Promise<void> => {
  const { stage, view, watch, deferrals } = scene;
  const deferred = await waitForRetirement({ stage, view, watch, old });
  deferrals.push(...deferred);
  await checkRetired(scene, old, deferred);
};
