import type { DeleteSecretResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import type { Model } from "../model.ts";
import { operation } from "../operation.ts";
import { arnSuffix } from "../random-ids.ts";
import { secretId } from "../request-fields.ts";
import type { Secret } from "../secret.ts";
import { invalidParameter, markedForDeletion, secretNotFound } from "../service-error.ts";

const DAY_MS = 86_400_000;
const DEFAULT_WINDOW_DAYS = 30;

const input = z.object({
  SecretId: secretId,
  RecoveryWindowInDays: z.number().int().optional(),
  ForceDeleteWithoutRecovery: z.boolean().optional(),
});

/**
 * Marks a secret for deletion after 7 to 30 days (by default 30), or deletes it at once when forced; forcing also succeeds
 * for a secret that is marked already or does not exist. A secret with replicas is not deleted (InvalidParameterException).
 */
export const deleteSecret = operation({
  name: "DeleteSecret",
  input,
  run(model, request): DeleteSecretResponse {
    const { RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: forced } = request;
    requireValidWindow(days, forced);
    const secret = model.store.find(request.SecretId);
    if (secret) requireNoReplicas(secret);
    if (forced) return deleteNow(model, request.SecretId, secret);
    if (!secret) throw secretNotFound();
    if (secret.deletion) throw markedForDeletion();
    const requestedMs = model.clock.now();
    const endMs = requestedMs + (days ?? DEFAULT_WINDOW_DAYS) * DAY_MS;
    secret.deletion = { requestedMs, endMs };
    model.store.changed(secret);
    return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(endMs) };
  },
});

function requireValidWindow(days: number | undefined, forced: boolean | undefined): void {
  if (days !== undefined && forced) {
    throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  }
  if (days !== undefined && (days < 7 || days > 30)) {
    throw invalidParameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
  }
}

function requireNoReplicas({ arn, replicas }: Secret): void {
  if (replicas.length === 0) return;
  const regions = replicas.map(({ region }) => region).join(", ");
  throw invalidParameter(`You can't delete secret ${arn} that still has replica regions [${regions}].`);
}

function deleteNow(model: Model, id: string, secret: Secret | undefined): DeleteSecretResponse {
  if (secret) model.store.remove(secret);
  const unknown = id.startsWith("arn:")
    ? { arn: id, name: id.replace(/^.*:secret:/, "") }
    : { arn: `${model.store.arnPrefix}${id}-${arnSuffix(model.random)}`, name: id };
  const { arn, name } = secret ?? unknown;
  return { ARN: arn, Name: name, DeletionDate: new Date(model.clock.now()) };
}
