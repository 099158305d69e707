import type { ReplicateSecretToRegionsResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { operation } from "../operation.ts";
import { replicaRegions, replicationStatus, setReplicas, withReplicas } from "../replicas.ts";
import { secretId } from "../request-fields.ts";

/** Gives a secret replicas, of which only the status is modelled. @throws InvalidParameterException (see `withReplicas`) */
export const replicateSecretToRegions = operation({
  name: "ReplicateSecretToRegions",
  input: z.object({
    SecretId: secretId,
    AddReplicaRegions: replicaRegions,
    // No other Region is modelled, so there is never a secret to overwrite.
    ForceOverwriteReplicaSecret: z.boolean().optional(),
  }),
  run(model, request): ReplicateSecretToRegionsResponse {
    const secret = model.store.active(request.SecretId);
    setReplicas(model, secret, withReplicas(model, secret.replicas, request.AddReplicaRegions));
    return { ARN: secret.arn, ReplicationStatus: replicationStatus(model, secret) };
  },
});
