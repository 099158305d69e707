import { METRICS } from "../contracts/metrics.ts";
import { read } from "../contracts/read.ts";
import { type ReconcileRequest, reconcileEvent } from "../contracts/reconcile.ts";
import { KeyturnError } from "../errors.ts";
import { createHandler, type Invocation } from "../invocation.ts";
import { slotsLeft } from "../rotation/slots.ts";
import type { Handler, World } from "../world.ts";
import { type Acting, act } from "./act.ts";
import type { Action } from "./action.ts";
import { checkAsked } from "./asked-for.ts";
import { withSuccessorsAsked } from "./asking-successors.ts";
import { confirmRevocations } from "./confirming.ts";
import { createMemory, forgetOld } from "./container-memory.ts";
import { type Decision, decide } from "./decide.ts";
import { distribute } from "./distributing.ts";
import { measure } from "./measurements.ts";
import type { Observation } from "./observation.ts";
import { observe } from "./observe.ts";
import { notUnderstoodAt } from "./probing.ts";
import { countAlarming, tellLives } from "./records.ts";

/** What one pass did: counts by kind of action, for whoever invokes it by hand. */
export interface ReconcileAnswer {
  readonly actions: Readonly<Record<string, number>>;
}

/** What is kept of the function's time: an action takes no longer, and the pass still comes to its end. */
const RESERVE_MS = 20_000;

interface About {
  readonly secretId?: string;
  readonly keyId?: string;
}

/** A part of the service is asked for by secrets, and strays, which have none, by their key ids. */
const isWanted = (
  { secretId, keyId = "" }: About,
  { only, revokeStrays = [], replaceDead = [] }: ReconcileRequest,
): boolean => {
  if (only === undefined) return true;
  return secretId === undefined ? revokeStrays.includes(keyId) : [...only, ...replaceDead].includes(secretId);
};

const wanted = ({ actions, lives }: Decision, request: ReconcileRequest): Decision => ({
  actions: actions.filter((action) => isWanted(action, request)),
  lives: lives.filter((life) => isWanted(life, request)),
});

const count = (actions: readonly Action[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { kind } of actions) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

type Step = readonly [about: Readonly<Record<string, unknown>>, run: () => Promise<void>];

/**
 * The actions in their order, and after them one step for all targets, as what was done before may show in their values, and one that
 * sees what became of the revocations, which waits for the vendors.
 */
const stepsOf = (acting: Acting, actions: readonly Action[]): readonly Step[] => {
  const { invocation, asked } = acting;
  const toDistribute = actions.filter((action) => action.kind === "distribute");
  const alone = actions.filter((action) => action.kind !== "distribute");
  const toTargets: Step = [
    { kind: "distribute", secrets: toDistribute.length },
    () => distribute(invocation, toDistribute),
  ];
  const last: Step = [{ kind: "confirm" }, () => confirmRevocations(invocation, asked)];
  return [
    ...alone.map((action): Step => [{ ...action }, () => act(acting, action)]),
    ...(toDistribute.length > 0 ? [toTargets] : []),
    ...(alone.some(({ kind }) => kind === "revoke") ? [last] : []),
  ];
};

/** Takes one step after the other. One that fails does not hold up the others; the next pass tries it again. */
const actAll = async (acting: Acting, actions: readonly Action[]): Promise<readonly unknown[]> => {
  const { invocation } = acting;
  const errors: unknown[] = [];
  const steps = stepsOf(acting, actions);
  for (const [index, [about, run]] of steps.entries()) {
    if (invocation.remainingMs() < RESERVE_MS) {
      invocation.log.event("pass.cut-short", { done: index, left: steps.length - index });
      break;
    }
    try {
      await run();
    } catch (error) {
      invocation.log.failure("action.failed", error, about);
      errors.push(error);
    }
  }
  return errors;
};

const tellMeasurements = ({ log, vendors }: Invocation, observation: Observation, { lives }: Decision): void => {
  const left = (name: string): number | undefined => {
    const seen = observation.vendors.get(name);
    return seen && slotsLeft(vendors(seen.connection).vendor, seen.connection, seen.listing.keys);
  };
  for (const [connection, lines] of measure(observation, lives, left))
    for (const values of lines) log.measure(connection, values);
};

/** What would go is decided on what the values of their successors show. */
const decideAll = async (
  invocation: Invocation,
  observation: Observation,
  request: ReconcileRequest,
): Promise<Decision> => {
  const { grants } = invocation;
  const first = decide(observation, grants, request);
  const { actions } = wanted(first, request);
  const asked = await withSuccessorsAsked(invocation, { observation, grants, request }, actions);
  return decide(asked, grants, request);
};

/** One pass: observe, decide, tell, act. It ends with an error when anything failed, after all the rest was done. */
export const reconcileHandler = (world: World): Handler<ReconcileAnswer> => {
  const memory = createMemory();
  return createHandler(world, "reconcile", async (event, invocation) => {
    const { clock, grants, log } = invocation;
    forgetOld(memory, clock.now(), grants.reconcileInterval);
    const request = read(reconcileEvent, event, "the request to reconcile");
    const { observation, errors } = await observe(invocation, request, memory);
    checkAsked(observation, request);
    const whole = await decideAll(invocation, observation, request);
    for (const name of notUnderstoodAt(observation, whole.lives)) memory.stoodStill.set(name, clock.now());
    const { actions, lives } = wanted(whole, request);
    tellLives(log, lives, request.only !== undefined);
    countAlarming(log, lives, actions);
    tellMeasurements(invocation, observation, whole);
    const failed = [...errors, ...(await actAll({ world, invocation, memory, asked: [] }, actions))];
    const actionCounts = count(actions);
    log.event("pass.completed", { secrets: observation.keys.length, ...actionCounts });
    log.metric(METRICS.reconcileCompleted, 1);
    if (failed.length > 0)
      throw new KeyturnError("CONFLICT", `${failed.length} of this pass failed; the next one tries again`, {
        retryable: true,
        cause: failed[0],
      });
    return { actions: actionCounts };
  });
};
