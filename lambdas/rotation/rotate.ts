import { CURRENT, marks, PENDING } from "../contracts/labels.ts";
import { METRICS } from "../contracts/metrics.ts";
import { read } from "../contracts/read.ts";
import { type RotationStep, rotateEvent } from "../contracts/rotate.ts";
import { KeyturnError } from "../errors.ts";
import { createHandler, type Invocation } from "../invocation.ts";
import type { Handler, World } from "../world.ts";
import { abandon } from "./abandon.ts";
import { createSecret } from "./create-secret.ts";
import { finishSecret } from "./finish-secret.ts";
import { type ManagedKey, openManagedKey, type Rotation, rotationOf } from "./rotation.ts";
import { setSecret } from "./set-secret.ts";
import { testSecret } from "./test-secret.ts";

export const STEPS: Readonly<Record<RotationStep, (rotation: Rotation) => Promise<void>>> = {
  createSecret,
  setSecret,
  testSecret,
  finishSecret,
};

const checkFunction = ({ secret, invocation }: ManagedKey): void => {
  if (secret.rotationFunctionArn === invocation.functionArn) return;
  throw new KeyturnError(
    "NOT_ITS_FUNCTION",
    `the secret ${secret.name} is rotated by ${secret.rotationFunctionArn ?? "no function"}, not by ${invocation.functionArn}; nothing was done`,
  );
};

/**
 * Whether a version is current, so that nothing is left to do for it.
 * @throws KeyturnError TOKEN_NOT_STAGED when it is neither current nor pending: a newer one has taken its place
 */
export const isDone = ({ secret }: ManagedKey, token: string): boolean => {
  const labels = secret.stages[token];
  if (labels?.includes(CURRENT)) return true;
  if (labels?.includes(PENDING)) return false;
  throw new KeyturnError(
    "TOKEN_NOT_STAGED",
    `version ${token} of ${secret.name} is not being rotated: it has ${labels ? `the labels ${labels.join(", ")}` : "no labels"}, not ${PENDING}`,
  );
};

/** A run died between its two steps of giving a token up: once marked, a generation is never promoted. */
const isAbandoned = ({ secret, token }: Rotation): boolean => marks("abandoned", secret.stages[token] ?? []).length > 0;

const runStep = async (event: unknown, invocation: Invocation): Promise<void> => {
  const { Step, SecretId, ClientRequestToken } = read(rotateEvent, event, "the rotation event");
  const key = await openManagedKey(invocation, SecretId);
  checkFunction(key);
  if (isDone(key, ClientRequestToken)) return;
  const rotation = rotationOf(key, ClientRequestToken);
  if (isAbandoned(rotation)) throw await abandon(rotation, "it was given up before");
  await STEPS[Step](rotation);
  invocation.log.event("step.done", { step: Step, secretName: key.secret.name, versionId: ClientRequestToken });
};

/** The rotation function: one of Secrets Manager's four steps an invocation. */
export const rotateHandler = (world: World): Handler<void> =>
  createHandler(world, "rotate", async (event, invocation) => {
    try {
      await runStep(event, invocation);
    } catch (error) {
      invocation.log.metric(METRICS.rotationFailed, 1);
      throw error;
    }
  });
