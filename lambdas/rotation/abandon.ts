import { freeMarkLabel, marks, PENDING } from "../contracts/labels.ts";
import { KeyturnError } from "../errors.ts";
import type { Rotation } from "./rotation.ts";

/**
 * Gives a token up whose stored key will never do: values are immutable, so that trying again would loop. The mark comes
 * first, so that reconcile finds the version again whatever happens, revokes its key and starts a new rotation.
 * @returns the error to throw
 */
export const abandon = async (rotation: Rotation, reason: string): Promise<KeyturnError> => {
  const { secrets, clock, log } = rotation.invocation;
  const { secret, token } = rotation;
  const labels = secret.stages[token] ?? [];
  if (marks("abandoned", labels).length === 0)
    await secrets.addLabel(secret.arn, token, freeMarkLabel("abandoned", clock.now(), secret.stages));
  if (labels.includes(PENDING)) await secrets.removeLabel(secret.arn, token, PENDING);
  log.event("generation.abandoned", { secretName: secret.name, versionId: token, reason });
  return new KeyturnError(
    "GENERATION_DEAD",
    `the generation in version ${token} of ${secret.name} was given up: ${reason}; reconcile revokes its key and starts a new rotation`,
  );
};
