import type { UpdateSecretResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import type { Model } from "../model.ts";
import { operation } from "../operation.ts";
import {
  clientRequestToken,
  description,
  kmsKeyId,
  secretBinary,
  secretId,
  secretString,
  valueIn,
} from "../request-fields.ts";
import type { Secret } from "../secret.ts";
import { storeValue } from "../secret-values.ts";
import { tokenInUse } from "../service-error.ts";
import { CURRENT, PENDING, PREVIOUS } from "../staging-labels.ts";

const input = z.object({
  SecretId: secretId,
  ClientRequestToken: clientRequestToken.optional(),
  Description: description.optional(),
  KmsKeyId: kmsKeyId.optional(),
  SecretString: secretString.optional(),
  SecretBinary: secretBinary.optional(),
});

/**
 * Changes description and key, and puts a new current value.
 * @throws ResourceExistsException when the token is that of any version: this operation only makes new ones
 */
export const updateSecret = operation({
  name: "UpdateSecret",
  input,
  run(model, request): UpdateSecretResponse {
    const value = valueIn(request);
    const secret = model.store.active(request.SecretId);
    const token = request.ClientRequestToken;
    const answer = { ARN: secret.arn, Name: secret.name };
    if (token !== undefined && secret.versions.has(token)) {
      throw tokenInUse("ResourceExistsException", token, secret.arn);
    }
    describe(model, secret, request);
    if (!value || token === undefined) return answer;
    storeValue(model, secret, { id: token, value, stages: [CURRENT] });
    return { ...answer, VersionId: token };
  },
});

function describe(model: Model, secret: Secret, request: z.output<typeof input>): void {
  if (request.Description !== undefined) secret.description = request.Description;
  if (request.KmsKeyId !== undefined) encryptAnew(secret, request.KmsKeyId || undefined);
  model.store.changed(secret);
}

/** Labelled versions are encrypted again with a new key; an empty key id means AWS's own key. */
function encryptAnew(secret: Secret, key: string | undefined): void {
  secret.kmsKeyId = key;
  for (const label of [CURRENT, PENDING, PREVIOUS]) {
    const version = secret.versions.get(secret.labels.get(label) ?? "");
    if (version) version.kmsKeyId = key;
  }
}
