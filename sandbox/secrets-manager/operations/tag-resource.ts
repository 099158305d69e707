import { z } from "zod";
import { operation } from "../operation.ts";
import { secretId, tag } from "../request-fields.ts";
import { checkedTags } from "../tags.ts";

/** Attaches tags; a key that is there already gets the new value. @throws InvalidParameterException (see `checkedTags`) */
export const tagResource = operation({
  name: "TagResource",
  input: z.object({ SecretId: secretId, Tags: z.array(tag) }),
  run(model, request) {
    const secret = model.store.active(request.SecretId);
    secret.tags = checkedTags(secret.tags ?? [], request.Tags);
    model.store.changed(secret);
    return {};
  },
});
