import type { Invocation } from "../invocation.ts";
import type { World } from "../world.ts";
import type { Action, Distribute } from "./action.ts";
import { abandon, retire, unlabel } from "./labelling.ts";
import { revoke } from "./revoking.ts";
import { askManage, revive, rotate } from "./starting.ts";

/** Does one action, on what is there now. May be repeated, and done twice at once. */
export const act = async (world: World, invocation: Invocation, action: Exclude<Action, Distribute>): Promise<void> => {
  switch (action.kind) {
    case "revoke":
      return revoke(invocation, action);
    case "unlabel":
      return unlabel(invocation, action);
    case "retire":
      return retire(invocation, action);
    case "abandon":
      return abandon(invocation, action);
    case "ensure":
    case "update":
      return askManage(world, invocation, action);
    case "revive":
      return revive(world, invocation, action);
    case "rotate":
      return rotate(invocation, action);
    case "report":
      return invocation.log.event(action.action, action.facts);
  }
};
