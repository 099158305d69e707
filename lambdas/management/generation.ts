import { createHash } from "node:crypto";
import { timeText } from "../clock.ts";
import {
  CURRENT,
  deniedSinceMs,
  isPendingElsewhere,
  leftOverPending,
  marks,
  PENDING,
  type Stages,
  versionWith,
} from "../contracts/labels.ts";
import { ROTATION_STEPS } from "../contracts/rotate.ts";
import { KeyturnError } from "../errors.ts";
import { distributeLater } from "../rotation/finish-secret.ts";
import { mintsWaitUntilMs } from "../rotation/in-vain.ts";
import { isDone, STEPS } from "../rotation/rotate.ts";
import { type ManagedKey, openManagedKey, rotationOf } from "../rotation/rotation.ts";
import { dropLabel } from "./drop-label.ts";

/**
 * The version id of a managed key's n-th own try at a generation. Always the same for the same secret, so that a
 * repeated or a second, simultaneous try works on the same version, and finds what an earlier one minted.
 */
const ownToken = (secretArn: string, n: number): string =>
  createHash("sha256").update(`${secretArn}\n${n}`).digest("hex");

/** The first version id of our own that no version has yet: a run that died may have minted for it. */
export const nextOwnToken = (secretArn: string, versionIds: Iterable<string>): string => {
  const used = new Set(versionIds);
  for (let n = 1; ; n++) if (!used.has(ownToken(secretArn, n))) return ownToken(secretArn, n);
};

/** The version of a rotation that began and is neither finished nor given up, nor was taken back by whoever moved AWSCURRENT back. */
export const unfinished = (stages: Stages): string | undefined => {
  const pending = versionWith(stages, PENDING);
  if (pending === undefined || !isPendingElsewhere(stages) || leftOverPending(stages) !== undefined) return undefined;
  return marks("abandoned", stages[pending] ?? []).length === 0 ? pending : undefined;
};

/** Why a mint waits that nobody asks for, or somebody asks for again; `undefined`: it does not. */
const whyItWaits = ({ invocation, secret }: ManagedKey): KeyturnError | undefined => {
  const { clock, grants } = invocation;
  if (deniedSinceMs(secret.stages) !== undefined)
    return new KeyturnError(
      "STORE_DENIED",
      `Secrets Manager refused to store the last value of ${secret.name}, so that nothing more is minted for it until somebody asks anew; give the function the right, the one to its KMS key included`,
    );
  const untilMs = mintsWaitUntilMs(secret.stages, grants, clock.now());
  if (untilMs === undefined) return undefined;
  return new KeyturnError(
    "MINT_WAITS",
    `what was minted for ${secret.name} came to nothing, so that the next mint waits until ${timeText(untilMs)}, or until somebody asks anew; the log of rotate and manage says why`,
    { retryable: true },
  );
};

/**
 * Whether a mint waits. What is stored already is gone on with.
 * @throws KeyturnError MINT_WAITS (retryable), STORE_DENIED to who asks again
 */
const waits = async (key: ManagedKey, token?: string): Promise<boolean> => {
  const { asker = "somebody", invocation, secret } = key;
  const why = asker === "somebody" ? undefined : whyItWaits(key);
  if (!why) return false;
  if (token !== undefined && (await invocation.secrets.value(secret.arn, token)) !== undefined) return false;
  if (asker === "again") throw why;
  invocation.log.event("mint.waits", { secretName: secret.name, reason: why.message });
  return true;
};

/**
 * Makes a generation here by the four steps of a rotation, each on the secret as it then is. Once a value is stored, a
 * version whose place a newer one has taken goes no further. A rotation that is on its way is gone on with.
 * @throws KeyturnError, VendorError
 */
const makeGeneration = async (key: ManagedKey): Promise<void> => {
  const { invocation, secret, acceptsOrganization = false, labelOnFirst } = key;
  const { secrets, log } = invocation;
  const token = unfinished(secret.stages) ?? nextOwnToken(secret.arn, await secrets.allVersionIds(secret.arn));
  if (await waits(key, token)) return;
  for (const step of ROTATION_STEPS) {
    const opened = await openManagedKey(invocation, secret.arn);
    const fresh = { ...opened, acceptsOrganization, ...(labelOnFirst === undefined ? {} : { labelOnFirst }) };
    const isPromoted = step !== "createSecret" && isDone(fresh, token);
    if (step === "finishSecret" && isPromoted) {
      // A first value is current as soon as it is stored: there is nothing to move, and its targets have nothing yet.
      await distributeLater(rotationOf(fresh, token));
      continue;
    }
    await STEPS[step](rotationOf(fresh, token));
    log.event("step.done", { step, secretName: secret.name, versionId: token });
  }
};

/** AWSPENDING left on a version that was given up, or was current before, keeps AWS from starting a rotation. */
const freePending = async ({ invocation, secret }: ManagedKey): Promise<void> => {
  const pending = versionWith(secret.stages, PENDING);
  if (pending === undefined || pending === versionWith(secret.stages, CURRENT)) return;
  await dropLabel(invocation, secret.arn, pending, PENDING);
};

/** Has Secrets Manager start a rotation, unless one is on its way. */
const startRotation = async (key: ManagedKey): Promise<void> => {
  const { invocation, secret } = key;
  const { secrets, log } = invocation;
  if (unfinished(secret.stages) !== undefined || (await waits(key))) return;
  try {
    await freePending(key);
    await secrets.startRotation(secret.arn);
    log.event("rotation.started", { secretId: secret.arn, reason: "manage was asked to" });
  } catch (cause) {
    const fresh = await secrets.describe(secret.arn);
    if (fresh && unfinished(fresh.stages) !== undefined) return;
    throw cause;
  }
};

/**
 * Replaces the current generation, which works: by a rotation of Secrets Manager's, which is not waited for, where one is
 * configured, and here where none is. Never starts a second one.
 */
export const replaceWorking = (key: ManagedKey): Promise<void> =>
  key.secret.rotationEnabled ? startRotation(key) : makeGeneration(key);

/** Makes a generation where none works, here and at once. */
export const replaceMissing = makeGeneration;
