import { timeText } from "../../clock.ts";
import { VendorError } from "../../vendors/vendor-error.ts";
import type { Action } from "../decide/action.ts";
import { distribute } from "../decide/targets.ts";
import type { Lanes } from "../lanes.ts";
import { LONGEST_PAUSE_MS } from "../observe/listings.ts";
import { type Acting, act } from "./act.ts";
import { confirmRevocations } from "./confirming.ts";

/** What is kept of the function's time: an action takes no longer, and the pass still comes to its end. */
const RESERVE_MS = 20_000;

/** A dead key's replacement, a missing one, and a rotation that nobody is to wait for. */
export const isUrgentStart = (action: Action): boolean =>
  action.kind === "revive" || action.kind === "ensure" || (action.kind === "rotate" && action.urgent);

const urgency = (action: Action): number => {
  if (isUrgentStart(action)) return 0;
  return action.kind === "revoke" && action.ground.startsWith("compromised") ? 1 : 2;
};

type Step = readonly [about: Readonly<Record<string, unknown>>, run: () => Promise<void>];

/**
 * The actions, what is urgent first and else in their order, and after them one step for all targets, as what was done before may show in their values, and one that
 * sees what became of the revocations, which waits for the vendors.
 */
const stepsOf = (acting: Acting, actions: readonly Action[]): readonly Step[] => {
  const { invocation, asked } = acting;
  const toDistribute = actions.filter((action) => action.kind === "distribute");
  const alone = actions
    .filter((action) => action.kind !== "distribute")
    .toSorted((one, other) => urgency(one) - urgency(other));
  const toTargets: Step = [
    { kind: "distribute", secrets: toDistribute.length },
    () => distribute(invocation, toDistribute),
  ];
  const last: Step = [{ kind: "confirm" }, () => confirmRevocations(invocation, asked)];
  return [
    ...alone.map((action): Step => [{ ...action }, () => act(acting, action)]),
    ...(toDistribute.length > 0 ? [toTargets] : []),
    ...(alone.some(({ kind }) => kind === "revoke" || kind === "try") ? [last] : []),
  ];
};

/** Whether a vendor wants to be left alone for longer than there is time: then nothing more is asked of it. */
const pauseOf = (error: unknown): number | undefined =>
  error instanceof VendorError && error.code === "RATE_LIMITED" ? (error.retryAfterMs ?? 0) : undefined;

/** Takes one step after the other. One that fails does not hold up the others; the next pass tries it again. */
const takeSteps = async (lanes: Lanes, connection: string, actions: readonly Action[]): Promise<void> => {
  const { invocation, errors, memory } = lanes;
  const steps = stepsOf({ world: lanes.world, invocation, memory, asked: [] }, actions);
  for (const [index, [about, run]] of steps.entries()) {
    if (invocation.remainingMs() < RESERVE_MS) {
      invocation.log.event("pass.cut-short", { connection, done: index, left: steps.length - index });
      return;
    }
    try {
      await run();
    } catch (error) {
      invocation.log.failure("action.failed", error, about);
      errors.push(error);
      const pauseMs = pauseOf(error);
      if (pauseMs === undefined) continue;
      const untilMs = invocation.clock.now() + Math.min(pauseMs, LONGEST_PAUSE_MS);
      memory.pausedUntil.set(connection, untilMs);
      invocation.log.event("lane.ended", { connection, until: timeText(untilMs), left: steps.length - index - 1 });
      return;
    }
  }
};

/**
 * Does what was decided on the keys of a lane: what is to be done at one connection one after the other, and beside what is to be done at
 * others.
 */
export const actAll = async (lanes: Lanes, home: string, actions: readonly Action[]): Promise<void> => {
  const connectionOf = (action: Action): string => ("connection" in action ? action.connection : home);
  const connections = new Set(actions.map(connectionOf));
  await Promise.all(
    [...connections].map((connection) =>
      takeSteps(
        lanes,
        connection,
        actions.filter((action) => connectionOf(action) === connection),
      ),
    ),
  );
};
