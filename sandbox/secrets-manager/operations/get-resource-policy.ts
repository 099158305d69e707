import type { GetResourcePolicyResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { operation } from "../operation.ts";
import { secretId } from "../request-fields.ts";
import { withoutUndefined } from "../secret-description.ts";

/** Answers the resource policy as it was put; for a secret without one, the field is not there. */
export const getResourcePolicy = operation({
  name: "GetResourcePolicy",
  input: z.object({ SecretId: secretId }),
  run(model, request): GetResourcePolicyResponse {
    const secret = model.store.active(request.SecretId);
    return withoutUndefined({ ARN: secret.arn, Name: secret.name, ResourcePolicy: secret.policy });
  },
});
