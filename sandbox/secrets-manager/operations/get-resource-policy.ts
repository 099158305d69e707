import type { GetResourcePolicyResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { operation } from "../operation.ts";
import { secretId } from "../request-fields.ts";

/** Answers as AWS does for a secret without a policy: there is no way here to attach one. */
export const getResourcePolicy = operation({
  name: "GetResourcePolicy",
  input: z.object({ SecretId: secretId }),
  run(model, request): GetResourcePolicyResponse {
    const secret = model.store.active(request.SecretId);
    return { ARN: secret.arn, Name: secret.name };
  },
});
