import type { GetSecretValueResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { operation } from "../operation.ts";
import { secretId, versionId, versionStage } from "../request-fields.ts";
import { readValue } from "../value-reading.ts";

/** Reads a value. @throws ResourceNotFoundException, InvalidRequestException (see `readValue`; marked for deletion) */
export const getSecretValue = operation({
  name: "GetSecretValue",
  input: z.object({
    SecretId: secretId,
    VersionId: versionId.optional(),
    VersionStage: versionStage.optional(),
  }),
  run: (model, request): GetSecretValueResponse => readValue(model, model.store.active(request.SecretId), request),
});
