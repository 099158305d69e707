import type { Connection } from "../contracts/grants.ts";
import type { Invocation } from "../invocation.ts";
import { budgetPerHour, leftOf, lookEveryMs, spendOne } from "./budget.ts";
import type { ContainerMemory } from "./container-memory.ts";

/** The next pass does what one could not, so that little is tried again at once. */
const MAX_TRIES = 2;

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
        vendors(connection, { maxTries: MAX_TRIES, onRequest: () => spend(connection), ...limits }),
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
