import { createHash } from "node:crypto";
import { sameAccess } from "../contracts/access.ts";
import { CURRENT, marks, PENDING, type Stages, versionWith } from "../contracts/labels.ts";
import { MANAGE_PROTOCOL, type ManageAnswer } from "../contracts/manage.ts";
import { ROTATION_STEPS } from "../contracts/rotate.ts";
import type { SecretValue } from "../contracts/secret-value.ts";
import { KeyturnError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { isDone, STEPS } from "../rotation/rotate.ts";
import { type ManagedKey, openManagedKey, rotationOf, storedGeneration, worksByMs } from "../rotation/rotation.ts";
import { testSecret } from "../rotation/test-secret.ts";

/**
 * The version id of a managed key's n-th own try at a first generation. Always the same for the same secret, so that a
 * repeated or a second, simultaneous `ensure` works on the same version, and finds what an earlier one minted.
 */
const ownToken = (secretArn: string, n: number): string =>
  createHash("sha256").update(`${secretArn}\n${n}`).digest("hex");

/** The version of a rotation that began and is neither finished nor given up. */
const unfinished = (stages: Stages): string | undefined => {
  const pending = versionWith(stages, PENDING);
  if (pending === undefined || pending === versionWith(stages, CURRENT)) return undefined;
  return marks("abandoned", stages[pending] ?? []).length === 0 ? pending : undefined;
};

const nextToken = async ({ invocation, secret }: ManagedKey): Promise<string> => {
  const begun = unfinished(secret.stages);
  if (begun !== undefined) return begun;
  const used = new Set(await invocation.secrets.allVersionIds(secret.arn));
  for (let n = 1; ; n++) if (!used.has(ownToken(secret.arn, n))) return ownToken(secret.arn, n);
};

const answer = (
  { secret, declaration }: ManagedKey,
  status: ManageAnswer["status"],
  versionId: string,
  generation: SecretValue,
): ManageAnswer => ({
  protocol: MANAGE_PROTOCOL,
  secretArn: secret.arn,
  name: declaration.name,
  status,
  versionId,
  keyId: generation.keyId,
  issuedAt: new Date(generation.issuedAtMs).toISOString(),
});

/**
 * Makes a generation by the four steps of a rotation, each on the secret as it then is. Once a value is stored, a version
 * whose place a newer one has taken goes no further.
 */
const makeGeneration = async (key: ManagedKey): Promise<ManageAnswer> => {
  const { invocation, secret } = key;
  const token = await nextToken(key);
  for (const step of ROTATION_STEPS) {
    const fresh = await openManagedKey(invocation, secret.arn);
    const isPromoted = step !== "createSecret" && isDone(fresh, token);
    if (step === "finishSecret" && isPromoted) continue;
    await STEPS[step](rotationOf(fresh, token));
    invocation.log.event("step.done", { step, secretName: secret.name, versionId: token });
  }
  const generation = await storedGeneration(key, token);
  if (!generation) throw new KeyturnError("NO_VALUE", `version ${token} of ${secret.name} lost its value`);
  return answer(key, "current", token, generation);
};

/** A key that its vendor may still be spreading is waited for; one past that is dead when the vendor refuses it. */
const isAlive = async (key: ManagedKey, current: string, generation: SecretValue): Promise<boolean> => {
  if (key.invocation.clock.now() > worksByMs(key.connection, generation.issuedAtMs))
    return (await key.vendor.verify(generation.apiKey)) === "alive";
  await testSecret(rotationOf(key, current));
  return true;
};

/** A declared access that differs from the current key's asks for a rotation; the old key then retires on evidence. */
const followDeclaration = async (key: ManagedKey, current: string, generation: SecretValue): Promise<ManageAnswer> => {
  const { invocation, secret } = key;
  if (unfinished(secret.stages) === undefined) await invocation.secrets.startRotation(secret.arn);
  return answer(key, "rotating", current, generation);
};

/**
 * Sees to it that a managed key has one verified current generation, whatever an earlier try left.
 * @throws KeyturnError, VendorError
 */
export const ensure = async (invocation: Invocation, secretId: string): Promise<ManageAnswer> => {
  const key = await openManagedKey(invocation, secretId);
  const current = versionWith(key.secret.stages, CURRENT);
  const generation = current === undefined ? undefined : await storedGeneration(key, current);
  if (current === undefined || generation === undefined) return makeGeneration(key);
  if (key.secret.rotationEnabled && !sameAccess(generation.access, key.declaration.access))
    return followDeclaration(key, current, generation);
  return (await isAlive(key, current, generation)) ? answer(key, "current", current, generation) : makeGeneration(key);
};
