import type { Effect } from "../effects/effect.ts";
import type { Life } from "../stage/life.ts";
import { HOUR_MS, RECONCILE_MS } from "../stage/settings.ts";

type Connection = NonNullable<Effect["connection"]>;

/** For how many hours a budget is saved up. */
const SAVED_HOURS = 6;

/** A pass that could pay when it began finishes what it decided. */
const OVERDRAWN = 30;

/** The hourly listing is made by a pass or two after the full hour, and meets a limit four times at most with each of its two pages. */
const WINDOW_MS = 1.5 * RECONCILE_MS;
const LISTING = 8;

interface Asked {
  readonly atMs: number;
  readonly connection: Connection;
}

/** Counts what reconcile asks of each connection, and judges it. @param perDay what the connections' budgets pay for in a day */
export const watchRequests = (life: Life, perDay: number) => {
  const startMs = life.stage.clock.now();
  const begunMs = new Map<number, number>();
  const free = new Map<number, number>();
  const asked: Asked[] = [];

  /** Whether it is part of the hourly listing, which no budget holds back. */
  const isFree = ({ name, invocation, atMs }: Effect): boolean => {
    const sinceHourMs = (begunMs.get(invocation) ?? atMs) % HOUR_MS;
    if (!name.endsWith("list keys") || sinceHourMs >= WINDOW_MS) return false;
    const sofar = (free.get(invocation) ?? 0) + 1;
    free.set(invocation, sofar);
    return sofar <= LISTING;
  };

  return {
    note(effect: Effect): void {
      const { by, connection, invocation, atMs } = effect;
      if (by !== "reconcile") return;
      if (!begunMs.has(invocation)) begunMs.set(invocation, atMs);
      if (connection !== undefined && !isFree(effect)) asked.push({ atMs, connection });
    },
    judge(): void {
      for (const connection of ["own", "other"] as const) {
        const here = asked.filter((one) => one.connection === connection);
        const over = here.findIndex(({ atMs }, index) => {
          const hours = SAVED_HOURS + (atMs - startMs) / HOUR_MS;
          return index + 1 > (perDay / 24) * hours + OVERDRAWN;
        });
        if (over < 0) continue;
        const { atMs = startMs } = here[over] ?? {};
        life.stage.trace.violation(
          "requests stay within the budget",
          `${over + 1} requests of ${here.length} were made of the ${connection} connection within ${((atMs - startMs) / HOUR_MS).toFixed(1)} h, at ${perDay} a day`,
        );
      }
    },
  };
};
