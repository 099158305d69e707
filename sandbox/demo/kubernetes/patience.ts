import { systemClock } from "../../../lambdas/clock.ts";

const INTERVAL_MS = 100;
const PATIENCE_MS = 60_000;

/**
 * Looks again and again, in the cluster's own time, until there is something to return.
 * @param look returns `undefined` for "not yet"; what it throws ends the waiting
 * @throws Error after a minute
 */
export const untilThere = async <Found>(what: string, look: () => Promise<Found | undefined>): Promise<Found> => {
  for (const endMs = systemClock.now() + PATIENCE_MS; ; await systemClock.sleep(INTERVAL_MS)) {
    const found = await look();
    if (found !== undefined) return found;
    if (systemClock.now() > endMs) throw new Error(`in the cluster, ${what} took longer than ${PATIENCE_MS / 1_000} s`);
  }
};
