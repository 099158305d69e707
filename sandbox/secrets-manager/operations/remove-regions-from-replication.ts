import type { RemoveRegionsFromReplicationResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { operation } from "../operation.ts";
import { regionCode, replicationStatus, setReplicas } from "../replicas.ts";
import { secretId } from "../request-fields.ts";

/** Deletes replicas; a Region that has none is no error. */
export const removeRegionsFromReplication = operation({
  name: "RemoveRegionsFromReplication",
  input: z.object({ SecretId: secretId, RemoveReplicaRegions: z.array(regionCode).min(1) }),
  run(model, request): RemoveRegionsFromReplicationResponse {
    const secret = model.store.active(request.SecretId);
    const kept = secret.replicas.filter(({ region }) => !request.RemoveReplicaRegions.includes(region));
    if (kept.length < secret.replicas.length) setReplicas(model, secret, kept);
    return { ARN: secret.arn, ReplicationStatus: replicationStatus(model, secret) };
  },
});
