import {
  CURRENT,
  freeMarkLabel,
  isRetiring,
  MAX_OWN_LABELS,
  type Mark,
  type Marked,
  marks,
  trialMarks,
} from "../../contracts/labels.ts";
import { controlBy, standingOf } from "../../evidence/refusal.ts";
import type { Invocation } from "../../invocation.ts";
import { labelCount, type SecretFacts } from "../../secrets.ts";
import { readGeneration } from "../../stored.ts";
import type { Try } from "../decide/action.ts";

/** What is left to rotations and to people of the labels that a secret may have. */
const SPARE_LABELS = 3;

/** One trial is always possible: what it ends gives a label back. */
const hasRoom = (secret: SecretFacts): boolean =>
  labelCount(secret) < MAX_OWN_LABELS - SPARE_LABELS ||
  Object.values(secret.stages).every((labels) => trialMarks(labels).length === 0);

interface Held {
  readonly secret: SecretFacts;
  readonly older: readonly Marked[];
}

/** The version as it is now; `undefined`: it does not retire any more. */
const lookAgain = async ({ secrets }: Invocation, { secretId, versionId }: Try): Promise<Held | undefined> => {
  const secret = await secrets.describe(secretId);
  const labels = secret?.stages[versionId] ?? [];
  if (!secret || labels.includes(CURRENT) || !isRetiring(labels)) return undefined;
  return { secret, older: trialMarks(labels) };
};

const takeOff = async (
  { secrets }: Invocation,
  { secretId, versionId }: Try,
  marked: readonly Marked[],
): Promise<void> => {
  for (const { label } of marked) await secrets.removeLabel(secretId, versionId, label);
};

const put = async (invocation: Invocation, action: Try, mark: Mark, atMs: number, { secret }: Held): Promise<void> =>
  invocation.secrets.addLabel(action.secretId, action.versionId, freeMarkLabel(mark, atMs, secret.stages));

const call = async (invocation: Invocation, action: Try, held: Held): Promise<boolean> => {
  const { clock, grants, vendors, log } = invocation;
  const { versionId, connection, keyId, step } = action;
  const { secret, older } = held;
  const at = grants.connections[connection];
  const value = await readGeneration(invocation, secret, versionId);
  if (!at || typeof value !== "object" || value.keyId !== keyId) return false;
  // Before, as one that shows nothing must not count for the next one. That one was not shown in time is known until another one is.
  if (step === "first call")
    await takeOff(
      invocation,
      action,
      older.filter(({ label }) => marks("unshown", [label]).length === 0),
    );
  const session = vendors(at);
  const atMs = clock.now();
  const standing = await standingOf(session, value.apiKey, controlBy(session));
  log.event("use.tried", { connection, keyId, secretName: secret.name, standing });
  if (standing !== "works") return standing === "refused";
  await put(invocation, action, step === "first call" ? "tried" : "tried-again", atMs, held);
  if (step === "second call") await takeOff(invocation, action, older);
  return false;
};

/**
 * Takes a step of a trial. A call is noted after it was made, if its vendor took it: one that nobody noted counts as somebody's.
 * @returns whether its vendor refuses the key, and takes one known to work
 */
export const tryWith = async (invocation: Invocation, action: Try): Promise<boolean> => {
  const held = await lookAgain(invocation, action);
  if (!held) return false;
  const { secret, older } = held;
  if (action.step === "note as unshown") {
    await put(invocation, action, "unshown", invocation.clock.now(), held);
    await takeOff(invocation, action, older);
    return false;
  }
  return older.length > 0 || hasRoom(secret) ? call(invocation, action, held) : false;
};
