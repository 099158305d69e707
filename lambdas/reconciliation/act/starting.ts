import { InvokeCommand } from "@aws-sdk/client-lambda";
import { timeText } from "../../clock.ts";
import { ENVIRONMENT } from "../../contracts/environment.ts";
import {
  CURRENT,
  deniedSinceMs,
  isDestroyed,
  isPendingElsewhere,
  leftOverPending,
  PENDING,
  versionWith,
} from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import { KeyturnError } from "../../errors.ts";
import type { Invocation } from "../../invocation.ts";
import { mintsWaitUntilMs } from "../../rotation/in-vain.ts";
import type { SecretFacts } from "../../secrets.ts";
import type { World } from "../../world.ts";
import type { Action, Revive, Rotate } from "../decide/action.ts";

type Asked = Pick<Extract<Action, { kind: "ensure" | "update" }>, "kind" | "secretId" | "reason">;

/** What is told of it in the log. */
const TOLD = { ensure: "generation.missing", update: "generation.differs" } as const;

/** Has `manage` make the current generation that is missing, or bring one to its declaration: in place where that goes. */
export const askManage = async (
  world: World,
  { log }: Invocation,
  { kind, secretId, reason }: Asked,
): Promise<void> => {
  const functionName = world.environment[ENVIRONMENT.manageFunction];
  if (!functionName || !world.lambda)
    throw new KeyturnError(
      "BAD_INPUT",
      `${ENVIRONMENT.manageFunction} is not set, so ${secretId} stays as it is: ${reason}`,
    );
  await world.lambda.send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: "Event",
      Payload: new TextEncoder().encode(JSON.stringify({ action: kind, secretId, automatic: true })),
    }),
  );
  log.event(TOLD[kind], { secretId, reason });
};

/** Why no rotation can be started for a secret as it is now, after somebody changed it. */
const obstacle = (
  { clock, grants }: Invocation,
  secret: SecretFacts | undefined,
  currentVersionId: string,
): string | undefined => {
  if (!secret || secret.deletedAtMs !== undefined) return "the secret is gone, or marked for deletion";
  if (isDestroyed(secret.stages)) return "the managed key was destroyed";
  if (versionWith(secret.stages, CURRENT) !== currentVersionId) return "another version has become current since";
  const untilMs = mintsWaitUntilMs(secret.stages, grants, clock.now());
  if (untilMs !== undefined)
    return `the last mints came to nothing, so that the next one waits until ${timeText(untilMs)}`;
  const isUnderWay = isPendingElsewhere(secret.stages) && leftOverPending(secret.stages) === undefined;
  return isUnderWay ? "a rotation is under way" : undefined;
};

/** Starts a rotation, once: not when somebody has rotated since, or is rotating. */
export const rotate = async (invocation: Invocation, action: Rotate): Promise<void> => {
  const { secrets, log } = invocation;
  const { secretId, reasons, currentVersionId, clear } = action;
  const reason = reasons.join("; ");
  const secret = await secrets.describe(secretId);
  const notNow = obstacle(invocation, secret, currentVersionId);
  if (notNow !== undefined) return log.event("rotation.not-started", { secretId, reason: `${reason}; but ${notNow}` });
  const leftOver = secret && leftOverPending(secret.stages);
  if (leftOver !== undefined) await secrets.removeLabel(secretId, leftOver, PENDING);
  await secrets.startRotation(secretId);
  for (const { versionId, label } of clear)
    if (secret?.stages[versionId]?.includes(label)) await secrets.removeLabel(secretId, versionId, label);
  log.event("rotation.started", { secretId, secretName: secret?.name, reason });
};

const DEAD = {
  listed: "the vendor lists the current key as revoked, and does not take it",
  refused: "the vendor refuses the current key, while it takes another",
} as const;

/** A current key that is dead is an outage: somebody is told, and a rotation started at once. */
export const revive = async (world: World, invocation: Invocation, action: Revive): Promise<void> => {
  const { secrets, log, clock, grants } = invocation;
  const { secretId, versionId, keyId, connection, isListedRevoked } = action;
  const secret = await secrets.describe(secretId);
  if (!secret?.stages[versionId]?.includes(CURRENT)) return;
  const why = isListedRevoked ? DEAD.listed : DEAD.refused;
  log.metric(METRICS.currentKeyDead, 1);
  log.event("key.dead", { keyId, connection, secretName: secret.name, secretId, versionId, reason: why });
  const reason = "the current key is dead";
  const isWaiting = mintsWaitUntilMs(secret.stages, grants, clock.now()) !== undefined;
  if (isWaiting || deniedSinceMs(secret.stages) !== undefined) return;
  if (!secret.rotationEnabled) return askManage(world, invocation, { kind: "ensure", secretId, reason });
  await rotate(invocation, {
    kind: "rotate",
    secretId,
    reasons: [reason],
    urgent: true,
    currentVersionId: versionId,
    clear: [],
  });
};
