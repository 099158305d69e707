import { CURRENT, freeMarkLabel, marks, trialMarks, versionWith } from "../contracts/labels.ts";
import { hasTargets } from "../contracts/target-tags.ts";
import { distributorOf } from "../distribution/distributor.ts";
import { KeyturnError } from "../errors.ts";
import { type Rotation, storedGeneration } from "./rotation.ts";

/**
 * Marks the outgoing version, which starts its overlap and keeps it from being pruned. A mark that is already there is
 * of a try that did not get to move AWSCURRENT, so its overlap has not begun: it is replaced.
 */
const markOutgoing = async ({ invocation, secret }: Rotation, outgoing: string): Promise<void> => {
  const { secrets, clock } = invocation;
  const label = freeMarkLabel("retiring", clock.now(), secret.stages);
  const labels = secret.stages[outgoing] ?? [];
  const stale = [...marks("retiring", labels), ...trialMarks(labels)].filter((mark) => mark.label !== label);
  await secrets.addLabel(secret.arn, outgoing, label);
  for (const mark of stale) await secrets.removeLabel(secret.arn, outgoing, mark.label);
};

/** What is known of the mints that were to replace it ends with its time as the current one. */
const dropNotes = async ({ invocation, secret }: Rotation, outgoing: string): Promise<void> => {
  const labels = secret.stages[outgoing] ?? [];
  for (const { label } of [...marks("in-vain", labels), ...marks("listed-otherwise", labels)])
    await invocation.secrets.removeLabel(secret.arn, outgoing, label);
};

/** Has the new version brought to its targets. Not to get it done is no failure of the rotation: reconcile catches up. */
export const distributeLater = async ({ invocation, secret, token }: Rotation): Promise<void> => {
  const distributor = invocation.functions && distributorOf(invocation.functions);
  if (!distributor || !hasTargets(secret.tags)) return;
  try {
    await distributor.applyLater([{ arn: secret.arn, versionId: token }]);
  } catch (error) {
    invocation.log.failure("distribution.not-asked", error, { secretName: secret.name, versionId: token });
  }
};

/**
 * Makes the version current, and has it distributed. The outgoing one stays valid: it is reconcile that revokes it, on evidence.
 * @throws KeyturnError NO_VALUE for a version without a value
 */
export const finishSecret = async (rotation: Rotation): Promise<void> => {
  const { invocation, secret, token } = rotation;
  const generation = await storedGeneration(rotation, token);
  if (!generation)
    throw new KeyturnError("NO_VALUE", `version ${token} of ${secret.name} has no value, so it cannot become current`);
  const outgoing = versionWith(secret.stages, CURRENT);
  if (outgoing === token) return;
  if (outgoing !== undefined) await markOutgoing(rotation, outgoing);
  await invocation.secrets.moveCurrent(secret.arn, token, outgoing);
  invocation.log.event("key.promoted", {
    secretName: secret.name,
    versionId: token,
    keyId: generation.keyId,
    outgoing,
  });
  await distributeLater(rotation);
  if (outgoing !== undefined) await dropNotes(rotation, outgoing);
};
