import type { StopReplicationToReplicaResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { operation } from "../operation.ts";
import { secretId } from "../request-fields.ts";
import { invalidParameter } from "../service-error.ts";

/**
 * Refuses: AWS takes this call in the Region of a replica, and every secret of this Region is a primary one.
 * @throws InvalidParameterException, ResourceNotFoundException for an ARN of another Region
 */
export const stopReplicationToReplica = operation({
  name: "StopReplicationToReplica",
  input: z.object({ SecretId: secretId }),
  run(model, request): StopReplicationToReplicaResponse {
    const secret = model.store.active(request.SecretId);
    throw invalidParameter(
      `Operation permitted only on a replica secret, in the replica's Region; ${secret.name} is a primary secret.`,
    );
  },
});
