import { errorProblem, ProblemError } from "../protocol/problem.ts";
import type { ObjectValue } from "../wire/value.ts";

/**
 * The state of today's schema for one of an older: in version 0 the secret's ARN was `id` and `force_destroy` was `force`.
 * Facts that an older state does not have are null until the next read.
 * @throws ProblemError for a version that never was
 */
export const upgradeKey = (fromVersion: number, state: ObjectValue): ObjectValue => {
  if (fromVersion === 0)
    return {
      ...state,
      secret_arn: state.secret_arn ?? state.id ?? null,
      force_destroy: state.force_destroy ?? state.force ?? null,
    };
  throw new ProblemError(
    errorProblem(
      `The state has the unknown schema version ${fromVersion}`,
      "A newer provider may have written it. Use that provider, or remove the key from the state and import it.",
    ),
  );
};
