import type { UpdateSecretVersionStageResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { operation } from "../operation.ts";
import { secretId, versionId, versionStage } from "../request-fields.ts";
import type { Secret } from "../secret.ts";
import { invalidRequest } from "../service-error.ts";
import { CURRENT, relabel, requireWithinLimit } from "../staging-labels.ts";
import { pruneVersions } from "../version-pruning.ts";

/**
 * Moves, adds or removes one staging label.
 * @throws InvalidParameterException (see `relabel`), LimitExceededException for a 21st label
 */
export const updateSecretVersionStage = operation({
  name: "UpdateSecretVersionStage",
  input: z.object({
    SecretId: secretId,
    VersionStage: versionStage,
    MoveToVersionId: versionId.optional(),
    RemoveFromVersionId: versionId.optional(),
  }),
  run(model, request): UpdateSecretVersionStageResponse {
    const secret = model.store.active(request.SecretId);
    const { VersionStage: stage, MoveToVersionId: moveTo, RemoveFromVersionId: removeFrom } = request;
    const labels = requireWithinLimit(relabel(secret, { stage, moveTo, removeFrom }));
    if (stage === CURRENT && !model.parameters.currentMayMoveToEmptyVersion) requireValue(secret, moveTo);
    model.store.setLabels(secret, labels);
    model.store.changed(secret);
    pruneVersions(model, secret);
    return { ARN: secret.arn, Name: secret.name };
  },
});

function requireValue(secret: Secret, id: string | undefined): void {
  if (id === undefined || secret.versions.get(id)?.value !== undefined) return;
  throw invalidRequest(`Version ${id} has no secret value, so it can't become ${CURRENT}.`);
}
