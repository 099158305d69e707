import { worksByMs } from "../contracts/grants.ts";
import { CURRENT, versionWith } from "../contracts/labels.ts";
import type { KeyCommandOf } from "../contracts/manage.ts";
import type { SecretValue } from "../contracts/secret-value.ts";
import type { Invocation } from "../invocation.ts";
import { driftOf } from "../rotation/drift.ts";
import { distributeLater } from "../rotation/finish-secret.ts";
import { checkWanted, type ManagedKey, rotationOf, storedGeneration } from "../rotation/rotation.ts";
import { waitUntilAlive } from "../rotation/test-secret.ts";
import type { VendorKey } from "../vendors/vendor.ts";
import { changeInPlace } from "./change-in-place.ts";
import { openAsExpected } from "./expected.ts";
import { replaceMissing, replaceWorking } from "./generation.ts";
import { revive } from "./revive.ts";

/** A current generation of the declared vendor, with its version. */
interface Current {
  readonly versionId: string;
  readonly stored: SecretValue;
}

/**
 * Whether a current generation works. Its vendor's list says so where it shows that the key was used: a check with the key itself
 * would count as use. One that is not listed was revoked, or is of another organization, unless it is too young to be listed.
 * @throws KeyturnError NOT_YET_ALIVE while its vendor may still be spreading it
 */
const works = async (
  key: ManagedKey,
  { versionId, stored }: Current,
  listed: VendorKey | undefined,
): Promise<boolean> => {
  if (listed?.active === false) return false;
  if (key.invocation.clock.now() <= worksByMs(key.connection, stored.issuedAtMs)) {
    const rotation = rotationOf(key, versionId);
    await waitUntilAlive(rotation, stored);
    // Whoever stored it may have died before that, and nobody else tells the targets of a key this young.
    await distributeLater(rotation);
    return true;
  }
  if (!listed) return false;
  return typeof listed.lastUse === "number" || (await key.vendor.verify(stored.apiKey)) === "alive";
};

const followDeclaration = async (key: ManagedKey, current: Current): Promise<void> => {
  const { stored } = current;
  const listed = (await key.vendor.list()).keys.find((one) => one.id === stored.keyId);
  if (!(await works(key, current, listed))) return replaceMissing(key);
  if (!listed) return; // too young to be listed: the next call looks again
  const drift = driftOf(key.declaration, listed, stored.access);
  if (drift === undefined || (await changeInPlace(key, listed, drift))) return;
  await replaceWorking(key);
};

/**
 * Sees to it that a managed key has one verified current generation with the declared name and access, or that one is on its
 * way, whatever is there.
 * @throws KeyturnError, VendorError
 */
export const bringAbout = async (key: ManagedKey): Promise<void> => {
  const versionId = versionWith(key.secret.stages, CURRENT);
  const stored = versionId === undefined ? undefined : await storedGeneration(key, versionId);
  if (versionId === undefined || stored?.vendor !== key.vendor.vendor.name) return replaceMissing(key);
  return followDeclaration(key, { versionId, stored });
};

/**
 * Both are one work: what is missing or dead is made, what differs is changed. Only `ensure` may bring a destroyed key back.
 * @returns the ARN of the secret
 * @throws KeyturnError, VendorError
 */
export const ensure = async (
  invocation: Invocation,
  command: KeyCommandOf<"ensure"> | KeyCommandOf<"update">,
): Promise<string> => {
  const found = await openAsExpected(invocation, command);
  const key = command.action === "ensure" && command.revive ? await revive(found) : found;
  checkWanted(key.secret);
  // What a destroy may have revoked, or may still be revoking, is not built on.
  await (key === found ? bringAbout(key) : replaceMissing(key));
  return key.secret.arn;
};
