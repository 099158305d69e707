import { InvokeCommand } from "@aws-sdk/client-lambda";
import { TAG_PREFIX } from "../contracts/declaration.ts";
import { ENVIRONMENT } from "../contracts/environment.ts";
import { generationOf, ownedName } from "../contracts/key-name.ts";
import { CURRENT, isDestroyed, isOnlyAbandoned, marks } from "../contracts/labels.ts";
import { METRICS } from "../contracts/metrics.ts";
import { KeyturnError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { revokeOrTell } from "../revocation.ts";
import type { SecretFacts } from "../secrets.ts";
import { readStored } from "../stored.ts";
import type { World } from "../world.ts";
import type { Action, Ground } from "./action.ts";

type Revoke = Extract<Action, { kind: "revoke" }>;

/** Whether the ground for a revocation still holds on the secret as it is now: what was listed may be minutes old. */
const stillHolds: Readonly<Record<Ground, (secret: SecretFacts | undefined, action: Revoke) => boolean>> = {
  retired: (secret, { versionId = "" }) => {
    const labels = secret?.stages[versionId] ?? [];
    return !labels.includes(CURRENT) && marks("retiring", labels).length > 0;
  },
  abandoned: (secret, { versionId = "" }) => isOnlyAbandoned(secret?.stages[versionId] ?? []),
  destroyed: (secret) => secret !== undefined && isDestroyed(secret.stages),
  stray: () => true,
};

/** A stray may turn out to belong to a secret that the list did not show, such as one whose tags were taken off. */
const belongsAfterAll = async (invocation: Invocation, secret: SecretFacts, action: Revoke): Promise<boolean> => {
  const generation = ownedName(action.keyName)?.generation;
  const holders = Object.keys(secret.stages).filter((id) => generationOf(id) === generation);
  const hasLostItsTag = secret.tags[`${TAG_PREFIX}service`] !== invocation.grants.service;
  if (hasLostItsTag) return holders.length > 0; // its values cannot be read any more
  for (const versionId of holders) {
    if (secret.deletedAtMs !== undefined) return true;
    const stored = await readStored(invocation, secret, versionId);
    if (typeof stored === "object" && stored.keyId === action.keyId) return true;
  }
  return false;
};

const revoke = async (invocation: Invocation, action: Revoke): Promise<void> => {
  const { grants, secrets, vendors, log } = invocation;
  const { keyId, keyName, ground, secretId } = action;
  const connection = grants.connections[action.connection];
  if (!connection) return;
  const secret = await secrets.describe(secretId);
  const belongs = ground === "stray" && secret !== undefined && (await belongsAfterAll(invocation, secret, action));
  if (belongs || !stillHolds[ground](secret, action)) {
    log.event("key.kept", {
      keyId,
      keyName,
      ground,
      secretId,
      reason: "the secret has changed, or holds it",
    });
    if (belongs) log.metric(METRICS.straysHeld, 1);
    return;
  }
  await revokeOrTell(invocation, vendors(connection), { keyId, keyName, reason: ground, facts: { secretId } });
};

const ensure = async (world: World, secretId: string): Promise<void> => {
  const functionName = world.environment[ENVIRONMENT.manageFunction];
  if (!functionName || !world.lambda)
    throw new KeyturnError("BAD_INPUT", `${ENVIRONMENT.manageFunction} is not set, so ${secretId} stays without a key`);
  await world.lambda.send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: "Event",
      Payload: new TextEncoder().encode(JSON.stringify({ action: "ensure", secretId })),
    }),
  );
};

/** Does one action. May be repeated, and done twice at once. */
export const act = async (world: World, invocation: Invocation, action: Action): Promise<void> => {
  const { secrets, log } = invocation;
  switch (action.kind) {
    case "revoke":
      return revoke(invocation, action);
    case "unlabel":
      await secrets.removeLabel(action.secretId, action.versionId, action.label);
      return log.event("label.removed", { ...action });
    case "ensure":
      await ensure(world, action.secretId);
      return log.event("generation.missing", { secretId: action.secretId });
    case "rotate":
      await secrets.startRotation(action.secretId);
      for (const label of action.labels) await secrets.removeLabel(action.secretId, action.versionId, label);
      return log.event("rotation.started", { secretId: action.secretId, reason: action.reason });
    case "report":
      if (action.metric) log.metric(action.metric, 1);
      return log.event(action.action, action.facts);
  }
};
