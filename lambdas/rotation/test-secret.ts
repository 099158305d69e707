import { accessText, sameAccess } from "../contracts/access.ts";
import { worksByMs } from "../contracts/grants.ts";
import { CURRENT, versionWith } from "../contracts/labels.ts";
import type { SecretValue } from "../contracts/secret-value.ts";
import { KeyturnError } from "../errors.ts";
import { controlBy } from "../evidence/refusal.ts";
import { works } from "../vendors/verify.ts";
import { abandon, abandonDead } from "./abandon.ts";
import { accessDiffers } from "./drift.ts";
import { noteMintOnce } from "./in-vain.ts";
import { type Rotation, storedGeneration } from "./rotation.ts";

/** What is kept of the function's time, so that it ends by itself. */
const RESERVE_MS = 3_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;

/**
 * A key that does not work when it has to, and of which it cannot be told whether it ever will, counts as one that came to nothing until it
 * does: AWS may go on with another one.
 */
const noteLate = async (rotation: Rotation, { issuedAtMs }: SecretValue): Promise<void> => {
  const { invocation, connection } = rotation;
  if (invocation.clock.now() > worksByMs(connection, issuedAtMs)) await noteMintOnce(rotation, issuedAtMs, connection);
};

const sleepWithin = async (rotation: Rotation, durationMs: number, stored: SecretValue): Promise<void> => {
  const { invocation } = rotation;
  if (durationMs > invocation.remainingMs() - RESERVE_MS) {
    await noteLate(rotation, stored);
    throw new KeyturnError("NOT_YET_ALIVE", `the new key ${stored.keyId} does not work yet; the next try looks again`, {
      retryable: true,
    });
  }
  await invocation.clock.sleep(durationMs);
};

/**
 * A new key may be refused until the vendor has spread it, so the first look waits for that, and later ones for clocks. A refusal
 * counts only while the vendor takes a key that is known to work.
 * @throws KeyturnError NOT_YET_ALIVE (retryable), GENERATION_DEAD when it is given up
 */
export const waitUntilAlive = async (rotation: Rotation, stored: SecretValue): Promise<void> => {
  const { invocation, connection, vendor } = rotation;
  const { clock } = invocation;
  const spreadMs = stored.issuedAtMs + connection.propagation - clock.now();
  if (spreadMs > 0) await sleepWithin(rotation, Math.min(spreadMs, connection.propagation), stored);
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
    const check = await vendor.verify(stored.apiKey);
    if (works(check)) return;
    const isLate = clock.now() > worksByMs(connection, stored.issuedAtMs);
    if (isLate && check === "refused" && (await controlBy(vendor)())) throw await abandonDead(rotation, stored.keyId);
    await sleepWithin(rotation, Math.min(pauseMs, LONGEST_PAUSE_MS), stored);
  }
};

/** Whether a version holds the current version's key: AWS may test a new configuration with a copy of the current value. */
const isCopyOf = async (rotation: Rotation, current: string | undefined, stored: SecretValue): Promise<boolean> =>
  current !== undefined && (await storedGeneration(rotation, current))?.keyId === stored.keyId;

/**
 * What a stored generation is otherwise than declared, in words; `undefined`: nothing. A value cannot be changed, while its key's
 * access may have been, at the vendor: where the value differs, the vendor's list decides.
 */
const differenceOf = async (rotation: Rotation, stored: SecretValue): Promise<string | undefined> => {
  const { declaration, vendor } = rotation;
  if (stored.vendor !== vendor.vendor.name) return `it is of ${stored.vendor}, declared is now ${vendor.vendor.name}`;
  if (sameAccess(stored.access, declaration.access)) return undefined;
  const listed = (await vendor.list()).keys.find((key) => key.active && key.id === stored.keyId);
  if (!accessDiffers(declaration.access, listed?.access, stored.access)) return undefined;
  return `it has ${accessText(stored.access)}, declared is now ${accessText(declaration.access)}`;
};

/**
 * Makes sure that the version's key works and is what is declared now.
 * A version without a value is let pass: AWS tests so when a rotation is configured without rotating (AWS: RotateSecret,
 * RotateImmediately).
 * @throws KeyturnError NOT_YET_ALIVE (retryable), GENERATION_DEAD
 */
export const testSecret = async (rotation: Rotation): Promise<void> => {
  const { invocation, token, secret } = rotation;
  const stored = await storedGeneration(rotation, token);
  if (!stored) return invocation.log.event("test.without-value", { secretName: secret.name, versionId: token });
  const difference = await differenceOf(rotation, stored);
  const current = versionWith(secret.stages, CURRENT);
  // A first value is current as soon as it is stored: whoever has declared it otherwise since has it changed.
  if (difference !== undefined && token !== current) {
    if (await isCopyOf(rotation, current, stored)) return;
    throw await abandon(rotation, difference);
  }
  await waitUntilAlive(rotation, stored);
};
