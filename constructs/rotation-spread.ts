import { createHash } from "node:crypto";

/** AWS counts the days from the last rotation and rotates at any time of the UTC day, so that days are what can be spread. */
const PART_OF_PERIOD = 10;

/** Over how many days rotations are spread where nobody says it: a tenth of the period, rounded down. */
export const defaultSpreadDays = (rotateAfterDays: number): number => Math.floor(rotateAfterDays / PART_OF_PERIOD);

/**
 * After how many days one key is rotated: at most `rotateAfterDays`, at least `spreadDays` fewer, by service and name alone. So keys that
 * were deployed on one day do not fall due on one day, and the same declaration always gives the same day. Pure.
 */
export const daysUntilRotation = (
  { service, name }: { readonly service: string; readonly name: string },
  rotateAfterDays: number,
  spreadDays: number,
): number => {
  const digits = createHash("sha256").update(`${service}/${name}`).digest("hex").slice(0, 8);
  return rotateAfterDays - (Number.parseInt(digits, 16) % (spreadDays + 1));
};
