import { type ManageAnswer, manageEvent, manageRequestOf } from "../contracts/manage.ts";
import { read } from "../contracts/read.ts";
import { createHandler } from "../invocation.ts";
import type { Handler, World } from "../world.ts";
import { ensure } from "./ensure.ts";
import { untilRightsHaveSpread } from "./patience.ts";
import { remove } from "./remove.ts";

/** The door by which a deployment makes and ends managed keys. Its answers hold facts, never a value. */
export const manageHandler = (world: World): Handler<ManageAnswer> =>
  createHandler(world, "manage", async (event, invocation) => {
    const request = manageRequestOf(read(manageEvent, event, "the request to manage"));
    const answer = await untilRightsHaveSpread(invocation, () =>
      request.action === "ensure"
        ? ensure(invocation, request.secretId)
        : remove(invocation, request.secretId, request.force),
    );
    invocation.log.event(`manage.${request.action}`, { ...answer });
    return answer;
  });
