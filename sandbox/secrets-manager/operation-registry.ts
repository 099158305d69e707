import type { Operation } from "./operation.ts";
import { cancelRotateSecret } from "./operations/cancel-rotate-secret.ts";
import { createSecret } from "./operations/create-secret.ts";
import { deleteSecret } from "./operations/delete-secret.ts";
import { describeSecret } from "./operations/describe-secret.ts";
import { getResourcePolicy } from "./operations/get-resource-policy.ts";
import { getSecretValue } from "./operations/get-secret-value.ts";
import { listSecretVersionIds } from "./operations/list-secret-version-ids.ts";
import { listSecrets } from "./operations/list-secrets.ts";
import { putSecretValue } from "./operations/put-secret-value.ts";
import { restoreSecret } from "./operations/restore-secret.ts";
import { rotateSecret } from "./operations/rotate-secret.ts";
import { tagResource } from "./operations/tag-resource.ts";
import { untagResource } from "./operations/untag-resource.ts";
import { updateSecret } from "./operations/update-secret.ts";
import { updateSecretVersionStage } from "./operations/update-secret-version-stage.ts";
import { notThereYet, ServiceError } from "./service-error.ts";

const operations = new Map<string, Operation>(
  [
    cancelRotateSecret,
    createSecret,
    deleteSecret,
    describeSecret,
    getResourcePolicy,
    getSecretValue,
    listSecretVersionIds,
    listSecrets,
    putSecretValue,
    restoreSecret,
    rotateSecret,
    tagResource,
    untagResource,
    updateSecret,
    updateSecretVersionStage,
  ].map((operation) => [operation.name, operation]),
);

/** What the API reference has beyond those. */
const NOT_YET = new Set([
  "BatchGetSecretValue",
  "DeleteResourcePolicy",
  "GetRandomPassword",
  "PutResourcePolicy",
  "RemoveRegionsFromReplication",
  "ReplicateSecretToRegions",
  "StopReplicationToReplica",
  "ValidateResourcePolicy",
]);

/** @throws NotImplementedException for an operation of AWS that is left out, UnknownOperationException for any other name */
export function operationOf(name: string): Operation {
  const found = operations.get(name);
  if (found) return found;
  if (NOT_YET.has(name)) throw notThereYet(`Operation ${name}`);
  throw new ServiceError("UnknownOperationException", `AWS Secrets Manager has no operation ${JSON.stringify(name)}.`);
}
