import type { PutResourcePolicyResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { operation } from "../operation.ts";
import { statementsOf } from "../policies/policy-document.ts";
import { isPublic } from "../policies/public-access.ts";
import { resourcePolicy, secretId } from "../request-fields.ts";
import { ServiceError } from "../service-error.ts";

/**
 * Attaches a resource policy, which is stored as it is and has no effect here.
 * @throws MalformedPolicyDocumentException; PublicPolicyException for a public one, if BlockPublicPolicy is asked for
 */
export const putResourcePolicy = operation({
  name: "PutResourcePolicy",
  input: z.object({
    SecretId: secretId,
    ResourcePolicy: resourcePolicy,
    BlockPublicPolicy: z.boolean().default(false),
  }),
  run(model, request): PutResourcePolicyResponse {
    const secret = model.store.active(request.SecretId);
    const statements = statementsOf(request.ResourcePolicy);
    if (request.BlockPublicPolicy && isPublic(statements)) {
      throw new ServiceError(
        "PublicPolicyException",
        "The BlockPublicPolicy parameter is set to true, and the resource policy did not prevent broad access to the secret.",
      );
    }
    secret.policy = request.ResourcePolicy;
    model.store.changed(secret);
    return { ARN: secret.arn, Name: secret.name };
  },
});
