import { keyFacts } from "../../lambdas/contracts/key-facts.ts";
import type { VendorKey } from "../../lambdas/vendors/vendor.ts";
import { restMs } from "../delays.ts";
import type { VendorStand } from "../vendor-stand.ts";
import { SERVICE_ID } from "./key-watch.ts";
import { checkOverlap, rotateKeys } from "./rotate-keys.ts";
import { currentGeneration, currentGenerations, type Held, keyNamed, POLL_MS, type Scene, until } from "./scene.ts";
import type { Refusal } from "./stage.ts";

const stands = ({ stage }: Scene): readonly VendorStand[] => Object.values<VendorStand>(stage.vendors);

const activeKeys = async ({ vendor, direct }: VendorStand): Promise<readonly VendorKey[]> => {
  const { keys } = await vendor.list(direct);
  return keys.filter((key) => key.active && key.name.includes(`-kt-${SERVICE_ID}-`));
};

/** The current generations as their vendors list them, those that are active. */
const listedCurrent = async (scene: Scene): Promise<readonly VendorKey[]> => {
  const held = new Set((await currentGenerations(scene)).map(({ keyId }) => keyId));
  const keys = (await Promise.all(stands(scene).map(activeKeys))).flat();
  return keys.filter(({ id }) => held.has(id));
};

const showRefusals = ({ view, watch, problems }: Scene, refusals: readonly Refusal[]): void => {
  for (const { secretName, keyId, usedAt, tryAfter } of refusals)
    view.line(`IN_USE: ${keyId} of ${secretName} was used at ${usedAt}; try again after ${tryAfter}`);
  if (refusals.length !== watch.keys.length)
    problems.push(`the destroy was refused for ${refusals.length} of ${watch.keys.length} keys in use`);
};

/** What Terraform had done away with when the keys refused: what stands on a key goes first. */
const showGone = ({ view }: Scene, gone: Readonly<Record<string, number>>): void => {
  const kinds = Object.entries(gone).map(([type, count]) => `${count} ${type}`);
  if (kinds.length > 0)
    view.line(`Terraform had taken away by then, and the next deploy puts back: ${kinds.join(", ")}`);
};

/** Secrets Manager still rotates a key when it is asked to. @returns the generation that was replaced */
const rotateOne = async (scene: Scene): Promise<Held> => {
  const key = keyNamed(scene, "sandbox-training");
  const old = await currentGeneration(scene, key);
  await rotateKeys(scene, [key]);
  await checkOverlap(scene, [old]);
  return old;
};

const stillActive = async (scene: Scene, old: readonly Held[]): Promise<readonly Held[]> => {
  const active = new Set((await Promise.all(stands(scene).map(activeKeys))).flat().map(({ id }) => id));
  return old.filter(({ keyId }) => active.has(keyId));
};

const untilSeenInUse = async (scene: Scene): Promise<void> => {
  const { stage, view } = scene;
  await until(stage, "the vendors' reports of use", async () => {
    view.waiting("until the vendors report that every key is in use");
    return (await listedCurrent(scene)).every(({ lastUse }) => typeof lastUse === "number");
  });
};

/**
 * A whole destroy in one command while the workloads run: every key refuses, and the service goes on.
 * @param replaced old keys that the schedule has yet to retire
 * @returns the old keys by whose retirement the schedule shows that it goes on
 */
export const destroyInUse = async (scene: Scene, replaced: readonly Held[]): Promise<readonly Held[]> => {
  const { stage, view, problems } = scene;
  const before = await listedCurrent(scene);
  if (before.some(({ lastUse }) => lastUse === "not told")) {
    view.line("left out: a vendor does not tell when a key was used, so that a destroy would go ahead");
    return replaced;
  }
  await untilSeenInUse(scene);

  const { refusals, gone } = await stage.destroy();

  showRefusals(scene, refusals);
  showGone(scene, gone);
  const left = new Set((await listedCurrent(scene)).map(({ id }) => id));
  const revoked = before.filter(({ id }) => !left.has(id)).map(({ id }) => id);
  view.line(revoked.length === 0 ? `nothing was revoked: ${left.size} keys work on` : `REVOKED ${revoked.join(", ")}`);
  if (revoked.length > 0) problems.push(`the refused destroy revoked ${revoked.join(", ")}`);
  const waiting = await stillActive(scene, replaced);
  const rotated = await rotateOne(scene);
  return waiting.length > 0 ? waiting : [rotated];
};

/**
 * Vendors report late, so that a key which was used a moment ago cannot be told from one in use. Where that takes minutes,
 * or only a person can revoke, the demonstration says what a person would say: the workloads are stopped, go ahead.
 */
const LONG_REST_MS = 120_000;

/** Ends a key whatever is in use, for whichever objects claim it. */
const endNow = async ({ stage }: Scene, secretId: string): Promise<void> => {
  const end = () => stage.invoke("manage", { action: "delete", secretId, force: true });
  const { claims = [] } = keyFacts.parse(await end());
  for (const { id } of claims) await stage.invoke("manage", { action: "release", secretId, claim: id });
  if (claims.length > 0) await end();
};

const prepare = async (scene: Scene): Promise<void> => {
  const { stage, view, watch, deferrals } = scene;
  const waitMs = restMs(stage.delays) + POLL_MS;
  if (waitMs <= LONG_REST_MS && deferrals.length === 0) {
    view.waiting(`until the vendors' reports show that no key is in use: ${Math.ceil(waitMs / 1_000)} s`);
    return stage.clock.sleep(waitMs);
  }
  view.line("the vendors' reports take long to show that no key is in use; as the workloads are stopped, revoke now");
  for (const { secretArn } of watch.keys) await endNow(scene, secretArn);
};

/** A destruction refuses while there are keys that only a person can revoke: it must not lose sight of them. */
const destroyOrRefuse = async ({ stage, view, deferrals, problems }: Scene): Promise<void> => {
  try {
    const { refusals } = await stage.destroy();
    for (const { secretName, tryAfter } of refusals) problems.push(`${secretName} was refused until ${tryAfter}`);
  } catch (error) {
    if (!deferrals.some(({ byHand }) => byHand)) throw error;
    view.line(
      `it refuses, and is to be repeated when a person has revoked: ${error instanceof Error ? error.message : ""}`,
    );
  }
};

/** The whole destroy again, with the workloads stopped: everything goes. */
export const destroyAtRest = async (scene: Scene): Promise<void> => {
  const { view, watch, deferrals, problems } = scene;
  await prepare(scene);
  await destroyOrRefuse(scene);
  await watch.lookAtVendors();
  const byHand = new Set(deferrals.filter((deferral) => deferral.byHand).map(({ vendor }) => vendor));
  for (const stand of stands(scene)) {
    const left = await activeKeys(stand);
    const ids = left.map(({ id }) => id).join(", ");
    view.line(`${stand.name} holds ${left.length} keys of ours${left.length > 0 ? `: ${ids}` : ""}`);
    if (left.length > 0 && !byHand.has(stand.name))
      problems.push(`${stand.name} still holds ${left.length} keys of ours`);
  }
};
