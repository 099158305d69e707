import { randomUUID } from "node:crypto";
import { CURRENT, PENDING, PREVIOUS, versionWith } from "../../lambdas/contracts/labels.ts";
import { secretValueText } from "../../lambdas/contracts/secret-value.ts";
import { createSecret } from "../../lambdas/rotation/create-secret.ts";
import type { IdentifiedKey } from "../../lambdas/rotation/identify.ts";
import { generationFrom } from "../../lambdas/rotation/mint.ts";
import { type Rotation, storedGeneration } from "../../lambdas/rotation/rotation.ts";

/** Steps of a rotation as they are often written. Each is right as long as nobody dies and everybody reads in time. */
const mint = async ({ vendor, keyName, declaration }: Rotation): Promise<IdentifiedKey> => {
  const request = { name: keyName, access: declaration.access, idempotencyKey: randomUUID() };
  const { id, ...minted } = await vendor.create(request);
  if (id === undefined) throw new Error("the vendor did not tell the id of the key that it made");
  return { ...minted, id };
};

const put = (rotation: Rotation, minted: IdentifiedKey) => {
  const { invocation, secret, token } = rotation;
  return invocation.secrets.put(secret.arn, token, secretValueText(generationFrom(rotation, minted)), PENDING);
};

/** createSecret: mints where the version has no value, and does not look whether a key was minted before. */
export const mintBlindly = async (rotation: Rotation): Promise<void> => {
  if (await storedGeneration(rotation, rotation.token)) return;
  await put(rotation, await mint(rotation));
};

/** createSecret: the same, but a key that could not be stored is revoked in the catch. */
export const mintAndCompensate = async (rotation: Rotation): Promise<void> => {
  if (await storedGeneration(rotation, rotation.token)) return;
  const minted = await mint(rotation);
  try {
    await put(rotation, minted);
  } catch (error) {
    await rotation.vendor.revoke(minted.id);
    throw error;
  }
};

const revokeVersion = async (rotation: Rotation, versionId: string | undefined): Promise<void> => {
  const stored = versionId === undefined ? undefined : await storedGeneration(rotation, versionId);
  if (stored) await rotation.vendor.revoke(stored.keyId);
};

const promote = async ({ invocation, secret, token }: Rotation): Promise<string | undefined> => {
  const outgoing = versionWith(secret.stages, CURRENT);
  await invocation.secrets.moveCurrent(secret.arn, token, outgoing);
  return outgoing;
};

/** finishSecret: moves AWSCURRENT, and revokes the old key right after. */
export const promoteAndRevoke = async (rotation: Rotation): Promise<void> =>
  revokeVersion(rotation, await promote(rotation));

/** finishSecret: moves AWSCURRENT, and leaves the old key as it is. */
export const promoteOnly = async (rotation: Rotation): Promise<void> => {
  await promote(rotation);
};

/** createSecret: revokes the generation before the current one, then mints as Keyturn does. */
export const dropOlderAndMint = async (rotation: Rotation): Promise<void> => {
  const { secret, token } = rotation;
  if (!(await storedGeneration(rotation, token))) await revokeVersion(rotation, versionWith(secret.stages, PREVIOUS));
  await createSecret(rotation);
};
