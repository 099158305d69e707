import { z } from "zod";
import { operation } from "../operation.ts";
import { secretId, tagKey } from "../request-fields.ts";

/** Takes tags off; a key that is not there is no error. */
export const untagResource = operation({
  name: "UntagResource",
  input: z.object({ SecretId: secretId, TagKeys: z.array(tagKey) }),
  run(model, request) {
    const secret = model.store.active(request.SecretId);
    if (!secret.tags) return {};
    secret.tags = secret.tags.filter(({ Key }) => !request.TagKeys.includes(Key));
    model.store.changed(secret);
    return {};
  },
});
