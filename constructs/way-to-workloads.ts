import { LONGEST_TARGET_MS } from "../lambdas/contracts/distribute.ts";
import { durationText } from "../lambdas/contracts/duration.ts";
import { refuse } from "./property-checks.ts";

/** A part of the way that a value takes into its use, and how long it may take. */
export interface Stretch {
  /** What is waited for, and by which property it is declared. */
  readonly what: string;
  readonly ms: number;
}

const stretchText = ({ what, ms }: Stretch): string => `${durationText(ms)} ${what}`;

/** The way to `distribute`, and through it, where a rotation's own call to it got lost. */
const distribution = (reconcileIntervalMs: number): readonly Stretch[] => [
  {
    what: "until reconcile sees to it, should the rotation's own call be lost (the service's reconcileInterval)",
    ms: reconcileIntervalMs,
  },
  { what: "to write it", ms: LONGEST_TARGET_MS },
];

/**
 * Checks that the old and the new generation are both valid for as long as the new one may need to reach the workloads.
 * @param where the path of the key's construct, for messages
 * @param way what the target needs besides distribution itself
 * @throws KeyturnError BAD_INPUT with the sum and its parts
 */
export const checkOverlap = (
  where: string,
  overlapMs: number,
  reconcileIntervalMs: number,
  target: { readonly id: string; readonly way: readonly Stretch[] },
): void => {
  const stretches = [...distribution(reconcileIntervalMs), ...target.way];
  const sumMs = stretches.reduce((sum, { ms }) => sum + ms, 0);
  if (overlapMs >= sumMs) return;
  refuse(
    where,
    `overlap must be at least ${durationText(sumMs)}, which a new value may need until the target ${target.id} uses it; ` +
      `received ${durationText(overlapMs)}. It is the sum of ${stretches.map(stretchText).join(", ")}: ` +
      "make the overlap longer, or declare shorter what is shorter",
  );
};
