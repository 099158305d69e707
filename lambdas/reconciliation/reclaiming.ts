import { generationOf, ownedName } from "../contracts/key-name.ts";
import {
  CURRENT,
  freeMarkLabel,
  isDestroyed,
  MAX_OWN_LABELS,
  ownLabelCount,
  versionWith,
} from "../contracts/labels.ts";
import type { Invocation } from "../invocation.ts";
import type { SecretFacts } from "../secrets.ts";
import { readStored } from "../stored.ts";
import type { Reclaim } from "./action.ts";

/** Whether a version without a label may still get one: somebody else must be current, and the secret live on. */
const mayRetire = (secret: SecretFacts, versionId: string): boolean =>
  secret.deletedAtMs === undefined &&
  !isDestroyed(secret.stages) &&
  (secret.stages[versionId] ?? []).length === 0 &&
  versionWith(secret.stages, CURRENT) !== undefined &&
  ownLabelCount(secret.stages) < MAX_OWN_LABELS;

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
