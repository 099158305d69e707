import { marks } from "../../lambdas/contracts/labels.ts";
import { reportedUntilMs } from "../../lambdas/evidence/use.ts";
import { createHandler } from "../../lambdas/invocation.ts";
import { retirementVerdict } from "../../lambdas/rotation/retirement.ts";
import { type ManagedKey, managedKeyOf, storedGeneration } from "../../lambdas/rotation/rotation.ts";
import type { HandlerOf } from "../../sandbox/in-process/handlers.ts";

/** Whether a generation that was replaced may go. */
type Verdict = (key: ManagedKey, keyId: string, retiringSinceMs: number) => Promise<boolean>;

const isOverlapOver: Verdict = async ({ invocation, declaration }, _, sinceMs) =>
  invocation.clock.now() >= sinceMs + declaration.overlapMs;

const isUnused: Verdict = async (key, keyId, retiringSinceMs) => {
  const { declaration, connection, vendor, invocation } = key;
  const nowMs = invocation.clock.now();
  if (nowMs < retiringSinceMs + declaration.overlapMs) return false;
  const { keys } = await vendor.list();
  const lastUse = keys.find(({ id }) => id === keyId)?.lastUse ?? "never";
  return retirementVerdict({
    retiringSinceMs,
    lastUse,
    reportedUntilMs: reportedUntilMs(keys),
    declaration,
    connection,
    nowMs,
  }).retire;
};

const revokeOld = async (key: ManagedKey, mayGo: Verdict): Promise<void> => {
  const { secret, invocation, vendor } = key;
  for (const [versionId, labels] of Object.entries(secret.stages)) {
    const [mark] = marks("retiring", labels);
    const stored = mark && (await storedGeneration(key, versionId));
    if (!stored || !(await mayGo(key, stored.keyId, mark.atMs))) continue;
    await vendor.revoke(stored.keyId);
    await invocation.secrets.removeLabel(secret.arn, versionId, mark.label);
  }
};

const sweep =
  (mayGo: Verdict): HandlerOf =>
  (world) =>
    createHandler(world, "reconcile", async (_, invocation) => {
      for (const secret of await invocation.secrets.listOfService(invocation.grants.service))
        await revokeOld(managedKeyOf(invocation, secret), mayGo);
    });

/** In place of reconcile: old keys go on evidence, as Keyturn's do, and nobody looks for keys that belong to no secret. */
export const retireOnEvidence = sweep(isUnused);

/** In place of reconcile: a timer. Old keys go when their overlap is over, whoever still calls with them. */
export const retireByTimer = sweep(isOverlapOver);

/** In place of reconcile: nothing. */
export const noSweep: HandlerOf = (world) => createHandler(world, "reconcile", async () => {});
