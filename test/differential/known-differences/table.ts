import type { Difference } from "../comparison.ts";
import { answers } from "./answers.ts";
import type { KnownDifference } from "./known-difference.ts";
import { resultsOfOthers } from "./results-of-others.ts";
import { resultsOfValues } from "./results-of-values.ts";

/** Where our model and moto differ. A difference that is not here fails the test, and so does a row that no call shows. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [...resultsOfValues, ...resultsOfOthers, ...answers];

const isOfSameKind = (row: KnownDifference, { field, ours, motos }: Difference): boolean =>
  row.fields.includes(field) && (field !== "result" || (row.ours === ours && row.motos === motos));

/** The row that explains a difference of the script: its own situation is named there, or its whole operation. */
export const rowFor = (difference: Difference): KnownDifference | undefined =>
  KNOWN_DIFFERENCES.find(
    (row) =>
      isOfSameKind(row, difference) && (row.at.includes(difference.situation) || row.at.includes(difference.operation)),
  );

/** The row that explains a difference in a random sequence: one of the same operation. */
export const rowForAnySituation = (difference: Difference): KnownDifference | undefined =>
  KNOWN_DIFFERENCES.find(
    (row) =>
      isOfSameKind(row, difference) &&
      row.at.some((place) => place === difference.operation || place.startsWith(`${difference.operation}:`)) &&
      (row.explains?.(difference.ours, difference.motos) ?? true),
  );
