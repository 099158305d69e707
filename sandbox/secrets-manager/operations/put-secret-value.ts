import type { PutSecretValueResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import type { ModelParameters } from "../model-parameters.ts";
import { operation } from "../operation.ts";
import { clientRequestToken, secretBinary, secretId, secretString, valueIn, versionStage } from "../request-fields.ts";
import type { Secret } from "../secret.ts";
import { isSameValue, storeValue } from "../secret-values.ts";
import { invalidRequest, tokenInUse } from "../service-error.ts";
import { CURRENT, stagesOf } from "../staging-labels.ts";

const input = z.object({
  SecretId: secretId,
  ClientRequestToken: clientRequestToken,
  SecretString: secretString.optional(),
  SecretBinary: secretBinary.optional(),
  VersionStages: z.array(versionStage).min(1).max(20).optional(),
  // Its form is checked, not whose it is: within one account AWS needs it only with an assumed role.
  RotationToken: z
    .string()
    .min(36)
    .max(256)
    .regex(/^[a-zA-Z0-9-]+$/)
    .optional(),
});

/**
 * Puts a value as a new version, or as the version that a rotation has announced. The same token with the same value
 * succeeds and changes nothing.
 * @throws ResourceExistsException for the same token with another value
 */
export const putSecretValue = operation({
  name: "PutSecretValue",
  input,
  run(model, request): PutSecretValueResponse {
    const value = valueIn(request);
    if (!value) throw invalidRequest("You must provide either SecretString or SecretBinary.");
    const secret = model.store.active(request.SecretId);
    const id = request.ClientRequestToken;
    const stored = secret.versions.get(id)?.value;
    if (stored && !isSameValue(stored, value)) throw tokenInUse("ResourceExistsException", id, secret.arn);
    if (!stored)
      storeValue(model, secret, { id, value, stages: stagesFor(secret, request.VersionStages, model.parameters) });
    return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: stagesOf(secret.labels, id) };
  },
});

function stagesFor(
  secret: Secret,
  asked: readonly string[] | undefined,
  { firstValueStages }: ModelParameters,
): readonly string[] {
  if (!asked) return [CURRENT];
  const isFirst = [...secret.versions.values()].every((version) => version.value === undefined);
  const isExcepted = firstValueStages === "with AWSCURRENT unless rotating" && secret.attempt !== undefined;
  if (!isFirst || isExcepted || firstValueStages === "as asked" || asked.includes(CURRENT)) return asked;
  return [...asked, CURRENT];
}
