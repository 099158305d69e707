import { isDestroyed, marks } from "../contracts/labels.ts";
import { type ManagedKey, openManagedKey } from "../rotation/rotation.ts";
import { dropLabel } from "./drop-label.ts";

/**
 * Takes the marks of a destroy off, because the key was declared again. They go before anything is minted: as long as one is
 * there, reconcile revokes whatever a version holds. A run that dies in between leaves a key without a generation that works,
 * which the next call and reconcile repair.
 * @returns the key as it is then
 */
export const revive = async (key: ManagedKey): Promise<ManagedKey> => {
  const { invocation, secret } = key;
  if (secret.deletedAtMs !== undefined || !isDestroyed(secret.stages)) return key;
  for (const [versionId, labels] of Object.entries(secret.stages))
    for (const { label } of marks("destroyed", labels)) await dropLabel(invocation, secret.arn, versionId, label);
  invocation.log.event("key.revived", { secretName: secret.name });
  return openManagedKey(invocation, secret.arn);
};
