import type { Invocation } from "../invocation.ts";
import type { World } from "../world.ts";
import type { Action, Distribute, Revoke } from "./action.ts";
import { abandon, retire, unlabel } from "./labelling.ts";
import { reclaim } from "./reclaiming.ts";
import { revoke } from "./revoking.ts";
import { askManage, revive, rotate } from "./starting.ts";

/**
 * Revokes, and looks at the secret once more: no call does both at once, and a person may have moved AWSCURRENT back while the vendor
 * was being asked. Then the key is replaced now, and not only when its vendor is listed next.
 */
const revokeAndLook = async (world: World, invocation: Invocation, action: Revoke): Promise<void> => {
  const { ground, secretId, versionId, connection, keyId } = action;
  const wasReplaced = ground === "retired" || ground === "compromised";
  const wasAsked = await revoke(invocation, action);
  if (!wasAsked || !wasReplaced || secretId === undefined || versionId === undefined) return;
  await revive(world, invocation, { kind: "revive", secretId, versionId, connection, keyId });
};

/** Does one action, on what is there now. May be repeated, and done twice at once. */
export const act = async (world: World, invocation: Invocation, action: Exclude<Action, Distribute>): Promise<void> => {
  switch (action.kind) {
    case "revoke":
      return revokeAndLook(world, invocation, action);
    case "unlabel":
      return unlabel(invocation, action);
    case "retire":
      return retire(invocation, action);
    case "abandon":
      return abandon(invocation, action);
    case "reclaim":
      return reclaim(invocation, action);
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
