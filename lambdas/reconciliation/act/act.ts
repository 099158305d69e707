import { CURRENT } from "../../contracts/labels.ts";
import { controlBy, standingOf, unclear } from "../../evidence/refusal.ts";
import type { Invocation } from "../../invocation.ts";
import { readGeneration } from "../../stored.ts";
import type { World } from "../../world.ts";
import type { Action, Distribute, Probe, Revoke, Try } from "../decide/action.ts";
import { type ContainerMemory, firstGenerationOf, noteAsked, placeOf } from "../observe/memory.ts";
import { confirmNothing } from "./confirming.ts";
import { abandon, reclaim, retire, unlabel } from "./labels.ts";
import { type Asked, revoke } from "./revoking.ts";
import { askManage, revive, rotate } from "./starting.ts";
import { tryWith } from "./trying.ts";

/** What actions have to do with, and what they leave to the end of the pass. */
export interface Acting {
  readonly world: World;
  readonly invocation: Invocation;
  readonly memory: ContainerMemory;
  /** Revocations that are to be confirmed. */
  readonly asked: Asked[];
}

const WAS_REPLACED: ReadonlySet<Revoke["ground"]> = new Set(["retired", "compromised"]);

/**
 * Looks at a secret once more after a revocation: no call does both at once, and a person may have moved AWSCURRENT back while the vendor
 * was being asked. Then the key is replaced now, and not only when its vendor is listed next.
 */
const lookForCurrent = async ({ world, invocation }: Acting, { action }: Asked): Promise<void> => {
  const { secretId = "", versionId = "", connection, keyId, keyName } = action;
  const secret = await invocation.secrets.describe(secretId);
  if (!secret?.stages[versionId]?.includes(CURRENT)) return;
  const held = await readGeneration(invocation, secret, versionId);
  const at = invocation.grants.connections[connection];
  if (typeof held !== "object" || !at) return;
  const session = invocation.vendors(at);
  if ((await standingOf(session, held.apiKey, controlBy(session))) !== "refused") return;
  await revive(world, invocation, {
    kind: "revive",
    secretId,
    versionId,
    connection,
    keyId,
    keyName,
    isListedRevoked: false,
  });
};

const revokeAndLook = async (acting: Acting, action: Revoke): Promise<void> => {
  const { invocation, memory, asked } = acting;
  // Before it is asked: one that fails is tried again ever more rarely, too.
  noteAsked(memory, placeOf(action.secretId ?? "", action.versionId ?? ""), invocation.clock.now());
  const one = await revoke(invocation, action);
  if (!one) return;
  asked.push(one);
  if (WAS_REPLACED.has(action.ground)) await lookForCurrent(acting, one);
};

/** A key that its vendor refuses serves nobody: it goes as if nobody had used it. */
const tryAndLook = async (acting: Acting, action: Try): Promise<void> => {
  const isRefused = await tryWith(acting.invocation, action);
  if (isRefused && action.onRefused) await revokeAndLook(acting, action.onRefused);
};

/** Calls with a current key. What its vendor then reports is seen when it is listed again. */
const probe = async (
  { invocation, memory }: Acting,
  { secretId, versionId, connection, keyId }: Probe,
): Promise<void> => {
  const secret = await invocation.secrets.describe(secretId);
  const at = invocation.grants.connections[connection];
  if (!secret?.stages[versionId]?.includes(CURRENT) || !at) return;
  const held = await readGeneration(invocation, secret, versionId);
  if (typeof held !== "object") return;
  const atMs = invocation.clock.now();
  const answer = await invocation.vendors(at).verify(held.apiKey).catch(unclear);
  invocation.log.event("use.tried", { connection, keyId, secretName: secret.name, answer });
  memory.probes.set(connection, { atMs, keyId, answer });
};

/** Does one action, on what is there now. May be repeated, and done twice at once. */
export const act = async (acting: Acting, action: Exclude<Action, Distribute>): Promise<void> => {
  const { world, invocation } = acting;
  switch (action.kind) {
    case "revoke":
      return revokeAndLook(acting, action);
    case "confirm":
      return confirmNothing(invocation, action);
    case "probe":
      return probe(acting, action);
    case "try":
      return tryAndLook(acting, action);
    case "unlabel":
      return unlabel(invocation, action);
    case "retire":
      return retire(invocation, action);
    case "abandon":
      return abandon(invocation, action);
    case "reclaim":
      return reclaim(invocation, action);
    case "ensure":
      acting.memory.asked.set(firstGenerationOf(action.secretId), invocation.clock.now());
      return askManage(world, invocation, action);
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
