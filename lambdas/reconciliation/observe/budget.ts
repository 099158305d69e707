import type { Connection } from "../../contracts/grants.ts";
import type { Invocation } from "../../invocation.ts";
import type { Vendor } from "../../vendors/vendor.ts";
import type { ContainerMemory, Purse } from "./memory.ts";

/*
 * How much reconcile asks of a vendor, whose limits other people's calls need, too: so many requests a day, saved up for some hours. The
 * hourly listing and what is urgent are never held back by it.
 */

const HOUR_MS = 3_600_000;
/** The part of what a plan allows a day. */
const SHARE = 0.1;
/** For a plan of which no limit is documented, and none is declared. */
const UNKNOWN_LIMIT = 10_000;
/** For how many hours a budget is saved up at most, so that a quiet day pays for a retirement. */
const SAVED_HOURS = 6;
/** What a retirement takes; less is no budget. */
const LEAST_SAVED = 12;

/** Requests that a connection may be asked by reconcile in an hour. */
export const budgetPerHour = (
  { requestsPerDay }: Pick<Vendor, "requestsPerDay">,
  { plan, reconcileRequestsPerDay }: Pick<Connection, "plan" | "reconcileRequestsPerDay">,
): number => (reconcileRequestsPerDay ?? (requestsPerDay[plan] ?? UNKNOWN_LIMIT) * SHARE) / 24;

/** The part of a budget that looks for what somebody did at the vendor's may take. */
const LOOKS_SHARE = 0.25;
const LEAST_LOOK_MS = HOUR_MS;

/** What a listing takes: a page for each hundred keys, and one more that brings nothing new. */
const requestsOfListing = (keys: number): number => Math.ceil(keys / 100) + 1;

/**
 * How often a connection may be listed for nothing but to see what changed there: in each pass if the budget pays for it, once an hour if it does
 * not.
 * @param keys how many of the service's keys are there
 */
export const lookEveryMs = (perHour: number, keys: number, intervalMs: number): number => {
  if (keys === 0) return LEAST_LOOK_MS;
  const paidPerHour = (perHour * LOOKS_SHARE) / requestsOfListing(keys);
  if (paidPerHour <= 1) return LEAST_LOOK_MS;
  const passes = Math.ceil(HOUR_MS / paidPerHour / intervalMs);
  return Math.min(LEAST_LOOK_MS, passes * intervalMs);
};

/** What is left of a budget now; below 0 it was overdrawn. @param purse not there: nothing was spent yet */
export const leftOf = (perHour: number, purse: Purse | undefined, nowMs: number): number => {
  const most = Math.max(perHour * SAVED_HOURS, LEAST_SAVED);
  return purse ? Math.min(most, purse.left + ((nowMs - purse.atMs) / HOUR_MS) * perHour) : most;
};

/** Takes one request out of a budget. */
export const spendOne = (perHour: number, purse: Purse | undefined, nowMs: number): Purse => ({
  left: leftOf(perHour, purse, nowMs) - 1,
  atMs: nowMs,
});

/** The next pass does what one could not, so that little is tried again at once. */
const MAX_TRIES = 2;
/** A vendor that goes on throttling costs a request each time that it says when to come back. */
const MAX_LIMITED = 4;

/** For checks of values: a key's own limit may be used up by whoever uses it. Nobody waits for that, the next pass asks again. */
export const UNWAITED = { maxLimited: 1 } as const;

/** The budgets of the connections, as far as this container knows what was spent of them. */
export interface Spending {
  /** The invocation, whose requests to vendors are counted. */
  readonly invocation: Invocation;
  /** Whether there is nothing left but for the hourly listing and what is urgent. */
  isSpent(connection: string): boolean;
  /** How often a connection with so many of our keys is listed for nothing but to see what changed, in milliseconds. */
  lookEveryMs(connection: string, keys: number): number;
}

/** Counts what reconcile asks of its vendors. */
export const countSpending = (invocation: Invocation, { purses }: Pick<ContainerMemory, "purses">): Spending => {
  const { clock, grants, vendors } = invocation;
  const nameOf = (connection: Connection): string | undefined =>
    Object.keys(grants.connections).find((name) => grants.connections[name] === connection);
  const perHour = (connection: Connection): number => budgetPerHour(vendors(connection).vendor, connection);
  const spend = (connection: Connection): void => {
    const name = nameOf(connection);
    if (name !== undefined) purses.set(name, spendOne(perHour(connection), purses.get(name), clock.now()));
  };
  return {
    invocation: {
      ...invocation,
      vendors: (connection, limits = {}) =>
        vendors(connection, {
          maxTries: MAX_TRIES,
          maxLimited: MAX_LIMITED,
          onRequest: () => spend(connection),
          ...limits,
        }),
    },
    lookEveryMs(name, keys) {
      const connection = grants.connections[name];
      return connection ? lookEveryMs(perHour(connection), keys, grants.reconcileInterval) : Number.POSITIVE_INFINITY;
    },
    isSpent(name) {
      const connection = grants.connections[name];
      if (!connection) return false;
      return leftOf(perHour(connection), purses.get(name), clock.now()) <= 0 || vendors(connection).isShort();
    },
  };
};
