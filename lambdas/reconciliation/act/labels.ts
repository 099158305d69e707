import { generationOf, ownedName } from "../../contracts/key-name.ts";
import {
  CURRENT,
  freeMarkLabel,
  isDestroyed,
  MAX_OWN_LABELS,
  marks,
  PENDING,
  versionWith,
} from "../../contracts/labels.ts";
import type { Invocation } from "../../invocation.ts";
import { noteMintOnce } from "../../rotation/in-vain.ts";
import { labelCount, type SecretFacts } from "../../secrets.ts";
import { readGeneration, readStored } from "../../stored.ts";
import type { Action, Reclaim } from "../decide/action.ts";

type Of<Kind extends Action["kind"]> = Extract<Action, { kind: Kind }>;

/** The secret and the labels of one version of it, as they are now. */
const fresh = async (
  { secrets }: Invocation,
  { secretId, versionId }: { readonly secretId: string; readonly versionId: string },
): Promise<{ secret: SecretFacts; labels: readonly string[] } | undefined> => {
  const secret = await secrets.describe(secretId);
  return secret && { secret, labels: secret.stages[versionId] ?? [] };
};

/** Takes a label off a version, if it still has it. */
export const unlabel = async (invocation: Invocation, action: Of<"unlabel">): Promise<void> => {
  const { secretId, versionId, label } = action;
  const now = await fresh(invocation, action);
  if (!now?.labels.includes(label)) return;
  await invocation.secrets.removeLabel(secretId, versionId, label);
  invocation.log.event("label.removed", { secretId, secretName: now.secret.name, versionId, label });
};

/** Starts the overlap of a version that was replaced by hand. */
export const retire = async (invocation: Invocation, action: Of<"retire">): Promise<void> => {
  const { secretId, versionId } = action;
  const now = await fresh(invocation, action);
  const isMeant = now && now.labels.length > 0 && !now.labels.includes(CURRENT);
  if (!isMeant || marks("retiring", now.labels).length > 0) return;
  await invocation.secrets.addLabel(
    secretId,
    versionId,
    freeMarkLabel("retiring", invocation.clock.now(), now.secret.stages),
  );
  const reason = "it is not current any more, and nobody marked it";
  invocation.log.event("overlap.begun", { secretId, secretName: now.secret.name, versionId, reason });
};

/** A rotation that is stuck with a value: its mint came to nothing. */
const noteStuck = async (invocation: Invocation, secret: SecretFacts, versionId: string): Promise<void> => {
  const stored = await readGeneration(invocation, secret, versionId);
  const at = typeof stored === "object" ? invocation.grants.connections[stored.connection ?? ""] : undefined;
  if (typeof stored === "object")
    await noteMintOnce({ invocation, secret, token: versionId }, stored.issuedAtMs, at ?? { skew: 0 });
};

/**
 * Gives up a pending version: the mark first, so that it is found again whatever happens, then AWSPENDING. Not one that a
 * run has made current, or has just changed: a rotation that AWS still works at is young.
 */
export const abandon = async (invocation: Invocation, action: Of<"abandon">): Promise<void> => {
  const { secrets, clock, log } = invocation;
  const { secretId, versionId, reason } = action;
  const now = await fresh(invocation, action);
  if (!now?.labels.includes(PENDING) || now.labels.includes(CURRENT)) return;
  const nowMs = clock.now();
  if (nowMs < (now.secret.lastChangedAtMs ?? 0) + (action.stuckAgeMs ?? 0)) return;
  if (marks("abandoned", now.labels).length === 0)
    await secrets.addLabel(secretId, versionId, freeMarkLabel("abandoned", nowMs, now.secret.stages));
  await secrets.removeLabel(secretId, versionId, PENDING);
  log.event("generation.abandoned", { secretId, secretName: now.secret.name, versionId, reason });
  if (action.stuckAgeMs !== undefined) await noteStuck(invocation, now.secret, versionId);
};

/** Whether a version without a label may still get one: somebody else must be current, and the secret live on. */
const mayRetire = (secret: SecretFacts, versionId: string): boolean =>
  secret.deletedAtMs === undefined &&
  !isDestroyed(secret.stages) &&
  (secret.stages[versionId] ?? []).length === 0 &&
  versionWith(secret.stages, CURRENT) !== undefined &&
  labelCount(secret) < MAX_OWN_LABELS;

/** The version that holds the key, without a label. */
const findHolder = async (
  invocation: Invocation,
  secretId: string,
  { keyId, keyName }: Reclaim,
): Promise<{ secret: SecretFacts; versionId: string } | undefined> => {
  const { secrets } = invocation;
  const generation = ownedName(keyName)?.generation;
  const versionId = (await secrets.allVersionIds(secretId)).find((id) => generationOf(id) === generation);
  const secret = versionId === undefined ? undefined : await secrets.describe(secretId);
  if (versionId === undefined || !secret || !mayRetire(secret, versionId)) return undefined;
  const stored = await readStored(invocation, secret, versionId);
  return typeof stored === "object" && stored.keyId === keyId ? { secret, versionId } : undefined;
};

/**
 * Starts the overlap of a replaced generation that nothing labels any more, so that it retires like any other: on evidence.
 * Versions without a label are there until AWS prunes them.
 */
export const reclaim = async (invocation: Invocation, action: Reclaim): Promise<void> => {
  for (const secretId of action.secretIds) {
    const found = await findHolder(invocation, secretId, action);
    if (!found) continue;
    const { secret, versionId } = found;
    const label = freeMarkLabel("retiring", invocation.clock.now(), secret.stages);
    await invocation.secrets.addLabel(secretId, versionId, label);
    const reason = `its key ${action.keyId} is in use, and nothing labelled it any more`;
    return invocation.log.event("overlap.begun", { secretId, secretName: secret.name, versionId, reason });
  }
};
