import { METRICS } from "../contracts/metrics.ts";
import { read } from "../contracts/read.ts";
import { type ReconcileRequest, reconcileEvent } from "../contracts/reconcile.ts";
import { KeyturnError } from "../errors.ts";
import { createHandler, type Invocation } from "../invocation.ts";
import type { Handler, World } from "../world.ts";
import { act } from "./act.ts";
import type { Action } from "./action.ts";
import { decide } from "./decide.ts";
import { observe } from "./observe.ts";

/** What one pass did: counts by kind of action, for whoever invokes it by hand. */
export interface ReconcileAnswer {
  readonly actions: Readonly<Record<string, number>>;
}

/** What is kept of the function's time: an action takes no longer, and the pass still comes to its end. */
const RESERVE_MS = 20_000;

/** A part of the service is asked for by secrets, and strays, which have none, by their key ids. */
const isWanted = (action: Action, { only, revokeStrays }: ReconcileRequest): boolean => {
  if (only === undefined) return true;
  if (action.kind === "revoke" && action.ground === "stray") return revokeStrays?.includes(action.keyId) ?? false;
  return action.secretId !== undefined && only.includes(action.secretId);
};

const count = (actions: readonly Action[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { kind } of actions) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

/** Does the actions in their order. One that fails does not hold up the others; the next pass tries it again. */
const actAll = async (
  world: World,
  invocation: Invocation,
  actions: readonly Action[],
): Promise<readonly unknown[]> => {
  const errors: unknown[] = [];
  for (const [index, action] of actions.entries()) {
    if (invocation.remainingMs() < RESERVE_MS) {
      invocation.log.event("pass.cut-short", { done: index, left: actions.length - index });
      break;
    }
    try {
      await act(world, invocation, action);
    } catch (error) {
      invocation.log.failure("action.failed", error, { ...action });
      errors.push(error);
    }
  }
  return errors;
};

/** One pass: observe, decide, act. It ends with an error when anything failed, after all the rest was done. */
export const reconcileHandler = (world: World): Handler<ReconcileAnswer> =>
  createHandler(world, "reconcile", async (event, invocation) => {
    const request = read(reconcileEvent, event, "the request to reconcile");
    const { observation, errors } = await observe(invocation, request);
    const actions = decide(observation, invocation.grants, request).filter((action) => isWanted(action, request));
    const failed = [...errors, ...(await actAll(world, invocation, actions))];
    const actionCounts = count(actions);
    invocation.log.event("pass.completed", { secrets: observation.keys.length, ...actionCounts });
    invocation.log.metric(METRICS.reconcileCompleted, 1);
    if (failed.length > 0)
      throw new KeyturnError("CONFLICT", `${failed.length} of this pass failed; the next one tries again`, {
        retryable: true,
        cause: failed[0],
      });
    return { actions: actionCounts };
  });
