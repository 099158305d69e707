import type { CreateSecretResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import type { Model } from "../model.ts";
import { operation } from "../operation.ts";
import { replicaRegions, replicationStatus, setReplicas, withReplicas } from "../replicas.ts";
import {
  clientRequestToken,
  description,
  kmsKeyId,
  secretBinary,
  secretName,
  secretString,
  tag,
  valueIn,
} from "../request-fields.ts";
import type { Secret, SecretValue } from "../secret.ts";
import { withoutUndefined } from "../secret-description.ts";
import { isSameValue, storeValue } from "../secret-values.ts";
import { invalidRequest, ServiceError } from "../service-error.ts";
import { CURRENT } from "../staging-labels.ts";
import { checkedTags } from "../tags.ts";

const input = z.object({
  Name: secretName,
  ClientRequestToken: clientRequestToken.optional(),
  Description: description.optional(),
  KmsKeyId: kmsKeyId.optional(),
  SecretString: secretString.optional(),
  SecretBinary: secretBinary.optional(),
  Tags: z.array(tag).optional(),
  AddReplicaRegions: replicaRegions.optional(),
  // No other Region is modelled, so there is never a secret to overwrite.
  ForceOverwriteReplicaSecret: z.boolean().optional(),
});

/**
 * Creates a secret. Repeated with the same token and value it succeeds and changes nothing.
 * @throws InvalidParameterException (see `checkedTags`, `withReplicas`); InvalidRequestException when the name is that of a secret marked for deletion; ResourceExistsException
 */
export const createSecret = operation({
  name: "CreateSecret",
  input,
  run(model, request): CreateSecretResponse {
    const value = valueIn(request);
    const tags = request.Tags && checkedTags([], request.Tags);
    const replicas = withReplicas(model, [], request.AddReplicaRegions ?? []);
    const existing = model.store.find(request.Name);
    if (existing) return repeated(existing, request.ClientRequestToken, value);
    const secret = model.store.add(request.Name);
    secret.description = request.Description;
    secret.kmsKeyId = request.KmsKeyId || undefined;
    if (tags?.length) secret.tags = tags;
    setReplicas(model, secret, replicas);
    return withoutUndefined({
      ARN: secret.arn,
      Name: secret.name,
      ...firstVersion(model, secret, request.ClientRequestToken, value),
      ReplicationStatus: replicas.length > 0 ? replicationStatus(model, secret) : undefined,
    });
  },
});

function repeated(secret: Secret, token: string | undefined, value: SecretValue | undefined): CreateSecretResponse {
  if (secret.deletion) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  const stored = token === undefined ? undefined : secret.versions.get(token)?.value;
  if (token !== undefined && stored && value && isSameValue(stored, value)) {
    return { ARN: secret.arn, Name: secret.name, VersionId: token };
  }
  throw new ServiceError(
    "ResourceExistsException",
    `The operation failed because the secret ${secret.name} already exists.`,
  );
}

function firstVersion(
  model: Model,
  secret: Secret,
  token: string | undefined,
  value: SecretValue | undefined,
): { VersionId?: string } {
  if (!value || token === undefined) return {};
  storeValue(model, secret, { id: token, value, stages: [CURRENT] });
  return { VersionId: token };
}
