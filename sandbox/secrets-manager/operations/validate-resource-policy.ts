import type { ValidateResourcePolicyResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { operation } from "../operation.ts";
import { statementsOf } from "../policies/policy-document.ts";
import { isPublic } from "../policies/public-access.ts";
import { resourcePolicy, secretId } from "../request-fields.ts";

/** AWS documents the field, and no name for it. */
const CHECK_NAME = "PublicPolicy";

/**
 * Checks a policy without attaching it: a public one does not pass.
 * @throws MalformedPolicyDocumentException, ResourceNotFoundException
 */
export const validateResourcePolicy = operation({
  name: "ValidateResourcePolicy",
  input: z.object({ SecretId: secretId.optional(), ResourcePolicy: resourcePolicy }),
  run(model, request): ValidateResourcePolicyResponse {
    if (request.SecretId !== undefined) model.store.active(request.SecretId);
    if (!isPublic(statementsOf(request.ResourcePolicy))) return { PolicyValidationPassed: true, ValidationErrors: [] };
    const message = "The resource policy grants broad access to the secret.";
    return { PolicyValidationPassed: false, ValidationErrors: [{ CheckName: CHECK_NAME, ErrorMessage: message }] };
  },
});
