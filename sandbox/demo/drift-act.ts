import type { WatchedKey } from "./key-watch.ts";
import { keyLine, staying } from "./plan-check.ts";
import { currentGeneration, type Held, lookAround, type Scene, seenGeneration, verdict } from "./scene.ts";

/** What a person does at the vendor's console: past the recorder, so that it is none of Keyturn's calls. */
const revokeAtVendor = async ({ stage, view }: Scene, { key, keyId }: Held): Promise<void> => {
  const { vendor, direct } = stage.vendors[key.vendor];
  await vendor.revoke(direct, keyId);
  const { generations } = key;
  for (const generation of generations) if (generation.keyId === keyId) generation.revokedAtMs = stage.clock.now();
  view.line(`${key.name}: somebody revokes ${keyId} at ${key.vendor}'s console; nobody tells Keyturn`);
};

/**
 * The plan must show it. Only a pass of reconcile that came between the revocation and the plan may have been faster; then
 * there is a new generation already.
 */
const checkPlan = async (scene: Scene, revoked: Held): Promise<void> => {
  const { stage, view, watch, problems } = scene;
  const { name } = revoked.key;
  const plan = await stage.plan();
  for (const key of plan.changedKeys) view.line(keyLine(key));
  view.line(`plan: ${staying(plan)}, and nothing else changes`);
  const others = plan.changedKeys.filter((key) => key.name !== name);
  if (others.length > 0 || plan.changes.length > 0)
    problems.push(`the plan changes more: ${[...others.map(keyLine), ...plan.changes].join("; ")}`);
  if (plan.changedKeys.length > others.length) return;
  const { keyId } = await currentGeneration(scene, revoked.key);
  if (keyId !== revoked.keyId) view.line(`${name}: a pass of reconcile was faster than the plan, and has healed it`);
  else problems.push(`${name}: the plan does not show that its key was revoked`);
  if (plan.unchangedKeys.length !== watch.keys.length) problems.push("the plan does not name every key");
};

/** A key that is revoked behind our back shows in the plan, and the next deploy makes a new, verified generation. */
export const healDrift = async (scene: Scene, key: WatchedKey): Promise<void> => {
  const { stage, view, problems, changes } = scene;
  const revoked = await currentGeneration(scene, key);
  await revokeAtVendor(scene, revoked);
  await checkPlan(scene, revoked);

  await stage.deploy();

  await lookAround(scene);
  const healed = await currentGeneration(scene, key);
  const verdicts = [await verdict(scene, revoked), await verdict(scene, healed)] as const;
  view.line(`${key.name}: ${revoked.keyId} is ${verdicts[0]}, the new ${healed.keyId} is ${verdicts[1]}`);
  if (verdicts[0] === "alive" || verdicts[1] === "dead" || !seenGeneration(healed).active)
    problems.push(`${key.name}: the deploy did not heal it`);
  changes.push({ name: key.name, change: "revoked at the vendor", how: "new generation", keyId: healed.keyId });
};
