import type { DeleteResourcePolicyResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { operation } from "../operation.ts";
import { secretId } from "../request-fields.ts";

/** Takes the resource policy off; a secret without one is left as it is. */
export const deleteResourcePolicy = operation({
  name: "DeleteResourcePolicy",
  input: z.object({ SecretId: secretId }),
  run(model, request): DeleteResourcePolicyResponse {
    const secret = model.store.active(request.SecretId);
    if (secret.policy !== undefined) {
      secret.policy = undefined;
      model.store.changed(secret);
    }
    return { ARN: secret.arn, Name: secret.name };
  },
});
