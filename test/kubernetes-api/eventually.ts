import { systemClock } from "../../lambdas/clock.ts";

const INTERVAL_MS = 50;
const LIMIT_MS = 45_000;

/**
 * Looks again and again until there is something to return, as what controllers do shows only in the objects.
 * @param what for the error: "the Deployment is complete"
 * @param look returns undefined or false for "not yet"; what it throws ends the waiting
 * @throws Error after 45 s, which is a fault and not an assertion on speed
 */
export const eventually = async <Found>(
  what: string,
  look: () => Promise<Found | undefined | false>,
): Promise<Found> => {
  const untilMs = systemClock.now() + LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (systemClock.now() > untilMs) throw new Error(`waited ${LIMIT_MS / 1_000} s in vain: ${what}`);
    await systemClock.sleep(INTERVAL_MS);
  }
};
