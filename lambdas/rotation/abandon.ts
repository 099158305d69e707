import { CURRENT, freeMarkLabel, type Mark, marks, PENDING } from "../contracts/labels.ts";
import { KeyturnError } from "../errors.ts";
import type { SecretFacts } from "../secrets.ts";
import { noteInVain } from "./in-vain.ts";
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

/** Gives a token up whose key does not work: its mint came to nothing. */
export const abandonDead = async (rotation: Rotation, keyId: string): Promise<KeyturnError> => {
  const error = await abandon(rotation, `its key ${keyId} does not work`);
  await noteInVain(rotation, error);
  return error;
};

/** How many versions of a secret may wait for the end of what was minted for them: what a further one leaves behind goes as a stray. */
const MOST_GIVEN_UP = 5;

const givenUpIn = ({ stages }: SecretFacts): number =>
  Object.values(stages).filter((labels) => marks("abandoned", labels).length > 0).length;

/**
 * Gives a token up that has no value, if it is on its way: what AWS repeats for it mints no more. A version that is not there yet has no
 * labels.
 * @param note a mark that the version gets besides
 */
export const abandonPending = async (rotation: Rotation, reason: string, note?: Mark): Promise<void> => {
  const { token, invocation } = rotation;
  const { secrets, clock, log } = invocation;
  const secret = await secrets.describe(rotation.secret.arn);
  const labels = secret?.stages[token] ?? [];
  if (!secret || !labels.includes(PENDING) || labels.includes(CURRENT)) return;
  if (note) await secrets.addLabel(secret.arn, token, freeMarkLabel(note, clock.now(), secret.stages));
  if (givenUpIn(secret) < MOST_GIVEN_UP) return void (await abandon({ ...rotation, secret }, reason));
  await secrets.removeLabel(secret.arn, token, PENDING);
  log.event("generation.abandoned", { secretName: secret.name, versionId: token, reason });
};
