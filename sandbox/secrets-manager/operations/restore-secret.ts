import type { RestoreSecretResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { operation } from "../operation.ts";
import { secretId } from "../request-fields.ts";

/** Takes the mark for deletion off; a secret without one is left as it is. @throws ResourceNotFoundException */
export const restoreSecret = operation({
  name: "RestoreSecret",
  input: z.object({ SecretId: secretId }),
  run(model, request): RestoreSecretResponse {
    const secret = model.store.required(request.SecretId);
    secret.deletion = undefined;
    model.store.changed(secret);
    model.rotations.reconsider(secret);
    return { ARN: secret.arn, Name: secret.name };
  },
});
