import { isObject, type ObjectValue, textOf } from "../wire/value.ts";
import { goDurationMs } from "./go-duration.ts";

export const OPERATIONS = ["create", "update", "delete"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Longer than a function may run plus the vendors' clock skew: after that a lost value may be minted anew. */
export const DEFAULT_TIMEOUT_MS = 20 * 60_000;
export const DEFAULT_TIMEOUT_TEXT = "20m";

/** How long an operation may take, in milliseconds, by the block `timeouts`. */
export const timeoutMs = (state: ObjectValue, operation: Operation): number => {
  const { timeouts } = state;
  const text = isObject(timeouts) ? textOf(timeouts[operation]) : undefined;
  return (text === undefined ? undefined : goDurationMs(text)) ?? DEFAULT_TIMEOUT_MS;
};
