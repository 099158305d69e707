import {
  DEFAULT_DEADLINE_MS,
  DEFAULT_OVERLAP_MS,
  DEFAULT_QUIET_MS,
  type Declaration,
} from "../lambdas/contracts/declaration.ts";
import { durationText } from "../lambdas/contracts/duration.ts";
import type { GrantFile } from "../lambdas/contracts/grants.ts";

/** What a key waits at the least. */
export type Floor = Pick<Declaration, "overlapMs" | "quietMs" | "deadlineMs" | "onDeadline">;

/** The fields of a grant that say so; those that are a declaration's defaults are not written. */
export const floorFields = ({ overlapMs, quietMs, deadlineMs, onDeadline }: Floor): Partial<GrantFile> => {
  const minimum = {
    ...(overlapMs === DEFAULT_OVERLAP_MS ? {} : { overlap: durationText(overlapMs) }),
    ...(quietMs === DEFAULT_QUIET_MS ? {} : { quiet: durationText(quietMs) }),
    ...(deadlineMs === DEFAULT_DEADLINE_MS ? {} : { deadline: durationText(deadlineMs) }),
  };
  return {
    ...(Object.keys(minimum).length > 0 ? { minimum } : {}),
    ...(onDeadline === "report" ? {} : { onDeadline }),
  };
};
