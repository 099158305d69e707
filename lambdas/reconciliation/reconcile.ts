import { serviceId } from "../contracts/key-name.ts";
import { METRICS } from "../contracts/metrics.ts";
import { read } from "../contracts/read.ts";
import { type ReconcileRequest, reconcileEvent } from "../contracts/reconcile.ts";
import { KeyturnError } from "../errors.ts";
import { createHandler } from "../invocation.ts";
import type { Handler, World } from "../world.ts";
import type { Action } from "./decide/action.ts";
import { runLane } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import { checkAskedKeys, checkAskedSecrets } from "./observe/asked-for.ts";
import { countSpending, type Spending } from "./observe/budget.ts";
import { connectionsDue, isHourly, targetsDue } from "./observe/due.ts";
import { openListings } from "./observe/listings.ts";
import { type ContainerMemory, createMemory, forgetOld } from "./observe/memory.ts";
import { observeSecrets, withPendingTimes } from "./observe/secrets.ts";
import { lookAtTargets } from "./observe/targets.ts";

/** What one pass did: counts by kind of action, for whoever invokes it by hand. */
export interface ReconcileAnswer {
  readonly actions: Readonly<Record<string, number>>;
}

/** A listing that was not whole is looked at again in the next pass, so often until somebody is told. */
const SOON = 3;

const count = (actions: readonly Action[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { kind } of actions) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

/** Looks at what all lanes need, and begins to look at targets and vendors. */
const begin = async (
  world: World,
  spending: Spending,
  request: ReconcileRequest,
  memory: ContainerMemory,
): Promise<Lanes> => {
  const { invocation } = spending;
  const { clock, grants, functionArn } = invocation;
  const nowMs = clock.now();
  const { keys: listed, unserved } = await observeSecrets(invocation, memory.atHome);
  checkAskedSecrets([...listed.map(({ secret }) => secret), ...unserved], request);
  const { keys, errors } = await withPendingTimes(invocation, listed, nowMs);
  const names = Object.keys(grants.connections);
  const keysAt = (name: string): number => keys.filter(({ declaration }) => declaration.connection === name).length;
  const again = [...memory.notWhole].filter(([, { count }]) => count < SOON).map(([name]) => name);
  const due = connectionsDue(keys, names, request, nowMs, grants.reconcileInterval, {
    again,
    listedAt: memory.listedAt,
    asked: memory.asked,
    isSpent: spending.isSpent,
    lookEvery: (name) => spending.lookEveryMs(name, keysAt(name)),
  });
  const dueTargets = targetsDue(keys, due, request, grants, nowMs);
  const observation = {
    nowMs,
    serviceId: serviceId(grants.service, functionArn),
    keys,
    unserved,
    vendors: new Map(),
    asked: memory.asked,
    askedLast: memory.askedLast,
  };
  const looks = lookAtTargets(invocation, keys, dueTargets, nowMs);
  const listings = openListings(invocation, memory, isHourly(nowMs, grants.reconcileInterval));
  return {
    world,
    invocation,
    spent: new Set(names.filter(spending.isSpent)),
    due,
    memory,
    request,
    observation,
    listings,
    looks,
    errors: [...errors],
  };
};

/** What a person asks for by name is looked for in all listings, before anything is done. */
const checkAsked = async ({ listings, due, request }: Lanes): Promise<void> => {
  if ((request.revokeStrays ?? []).length === 0) return;
  const vendors = await Promise.all([...due].map((name) => listings.of(name)));
  checkAskedKeys(
    vendors.flatMap((vendor) => vendor?.listing.keys ?? []),
    request,
  );
};

/** One pass: each lane observes, decides, tells and acts. It ends with an error when anything failed, after all the rest was done. */
export const reconcileHandler = (world: World): Handler<ReconcileAnswer> => {
  const memory = createMemory();
  return createHandler(world, "reconcile", async (event, invocation) => {
    const { clock, grants, log } = invocation;
    forgetOld(memory, clock.now(), grants.reconcileInterval);
    const request = read(reconcileEvent, event, "the request to reconcile");
    const lanes = await begin(world, countSpending(invocation, memory), request, memory);
    await checkAsked(lanes);
    const done = await Promise.all(Object.keys(grants.connections).map((name) => runLane(lanes, name)));
    const failed = [...lanes.listings.errors, ...lanes.looks.errors, ...lanes.errors];
    const actions = count(done.flat());
    log.event("pass.completed", { secrets: lanes.observation.keys.length, ...actions });
    log.metric(METRICS.reconcileCompleted, 1);
    if (failed.length > 0)
      throw new KeyturnError("CONFLICT", `${failed.length} of this pass failed; the next one tries again`, {
        retryable: true,
        cause: failed[0],
      });
    return { actions };
  });
};
