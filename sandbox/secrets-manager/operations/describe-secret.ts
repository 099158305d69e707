import { z } from "zod";
import { operation } from "../operation.ts";
import { secretId } from "../request-fields.ts";
import { describeSecret as describe } from "../secret-description.ts";

/** Describes a secret, one that is marked for deletion too. @throws ResourceNotFoundException */
export const describeSecret = operation({
  name: "DescribeSecret",
  input: z.object({ SecretId: secretId }),
  run: (model, request) => describe(model.store.required(request.SecretId), model),
});
