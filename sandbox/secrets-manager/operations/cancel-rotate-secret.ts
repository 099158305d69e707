import type { CancelRotateSecretResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { operation } from "../operation.ts";
import { secretId } from "../request-fields.ts";
import { withoutUndefined } from "../secret-description.ts";
import { invalidRequest } from "../service-error.ts";

/**
 * Turns rotation off and ends a rotation on its way, whose version it names. Function and rules stay to be seen.
 * @throws InvalidRequestException when rotation was never configured
 */
export const cancelRotateSecret = operation({
  name: "CancelRotateSecret",
  input: z.object({ SecretId: secretId }),
  run(model, request): CancelRotateSecretResponse {
    const secret = model.store.active(request.SecretId);
    if (!secret.rotation) {
      throw invalidRequest(
        "You tried to enable rotation on a secret that doesn't already have a Lambda function ARN configured and you didn't include such an ARN as a parameter in this call.",
      );
    }
    const versionId = model.rotations.cancel(secret);
    secret.rotation = { ...secret.rotation, enabled: false };
    model.store.changed(secret);
    return withoutUndefined({ ARN: secret.arn, Name: secret.name, VersionId: versionId });
  },
});
