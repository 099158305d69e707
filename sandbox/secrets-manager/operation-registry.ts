import type { Operation } from "./operation.ts";
import { batchGetSecretValue } from "./operations/batch-get-secret-value.ts";
import { cancelRotateSecret } from "./operations/cancel-rotate-secret.ts";
import { createSecret } from "./operations/create-secret.ts";
import { deleteResourcePolicy } from "./operations/delete-resource-policy.ts";
import { deleteSecret } from "./operations/delete-secret.ts";
import { describeSecret } from "./operations/describe-secret.ts";
import { getRandomPassword } from "./operations/get-random-password.ts";
import { getResourcePolicy } from "./operations/get-resource-policy.ts";
import { getSecretValue } from "./operations/get-secret-value.ts";
import { listSecretVersionIds } from "./operations/list-secret-version-ids.ts";
import { listSecrets } from "./operations/list-secrets.ts";
import { putResourcePolicy } from "./operations/put-resource-policy.ts";
import { putSecretValue } from "./operations/put-secret-value.ts";
import { removeRegionsFromReplication } from "./operations/remove-regions-from-replication.ts";
import { replicateSecretToRegions } from "./operations/replicate-secret-to-regions.ts";
import { restoreSecret } from "./operations/restore-secret.ts";
import { rotateSecret } from "./operations/rotate-secret.ts";
import { stopReplicationToReplica } from "./operations/stop-replication-to-replica.ts";
import { tagResource } from "./operations/tag-resource.ts";
import { untagResource } from "./operations/untag-resource.ts";
import { updateSecret } from "./operations/update-secret.ts";
import { updateSecretVersionStage } from "./operations/update-secret-version-stage.ts";
import { validateResourcePolicy } from "./operations/validate-resource-policy.ts";
import { ServiceError } from "./service-error.ts";

const operations = new Map<string, Operation>(
  [
    batchGetSecretValue,
    cancelRotateSecret,
    createSecret,
    deleteResourcePolicy,
    deleteSecret,
    describeSecret,
    getRandomPassword,
    getResourcePolicy,
    getSecretValue,
    listSecretVersionIds,
    listSecrets,
    putResourcePolicy,
    putSecretValue,
    removeRegionsFromReplication,
    replicateSecretToRegions,
    restoreSecret,
    rotateSecret,
    stopReplicationToReplica,
    tagResource,
    untagResource,
    updateSecretVersionStage,
    updateSecret,
    validateResourcePolicy,
  ].map((operation) => [operation.name, operation]),
);

/** @throws UnknownOperationException for a name that is none of the API reference's */
export function operationOf(name: string): Operation {
  const found = operations.get(name);
  if (found) return found;
  throw new ServiceError("UnknownOperationException", `AWS Secrets Manager has no operation ${JSON.stringify(name)}.`);
}
