import type { KnownDifference } from "./known-difference.ts";

export const OK = "200 OK";
export const CRASH = "500 without code";
export const VALIDATION = "400 ValidationException";
export const PARAMETER = "400 InvalidParameterException";
export const REQUEST = "400 InvalidRequestException";
export const NOT_FOUND = "400 ResourceNotFoundException";

/** A row about the results of calls; our model is right unless the row says otherwise. */
export const resultsDiffer = (
  row: Omit<KnownDifference, "fields" | "right"> & Partial<Pick<KnownDifference, "right">>,
) => ({
  fields: ["result"],
  right: "ours" as const,
  ...row,
});
