import { CURRENT, isCompromised, isDestroyed, isRetiring, versionWith } from "../../contracts/labels.ts";
import { hasTargets } from "../../contracts/target-tags.ts";
import { distributorOf } from "../../distribution/distributor.ts";
import type { Invocation } from "../../invocation.ts";
import type { ObservedKey } from "../observe/observation.ts";
import type { Action, Distribute } from "./action.ts";

/** With the decision to revoke a key its overlap is over: then the old value is to go from the targets, too. */
const endsOverlap = (action: Action): boolean => {
  if (action.kind === "revoke") return action.endsOverlap ?? false;
  return action.kind === "unlabel" && (isRetiring([action.label]) || isCompromised([action.label]));
};

/**
 * One `apply` for a key whose targets are not as they are to be: changed or deleted by hand, away when their value came, or
 * about to hold a value whose retirement ends in this pass.
 * @param actions what this pass does about the key besides
 */
export const decideTargets = ({ secret, adoption }: ObservedKey, actions: readonly Action[]): readonly Distribute[] => {
  const { stages, deletedAtMs, arn, tags } = secret;
  const versionId = versionWith(stages, CURRENT);
  if (versionId === undefined || deletedAtMs !== undefined || isDestroyed(stages) || !hasTargets(tags)) return [];
  const reason = adoption?.behind ?? (actions.some(endsOverlap) ? "a retirement has ended" : undefined);
  return reason === undefined ? [] : [{ kind: "distribute", secretId: arn, versionId, reason }];
};

/** Asks for all of it, in as few invocations as it takes, and waits for none: the next pass sees what came of it. */
export const distribute = async ({ log, functions }: Invocation, actions: readonly Distribute[]): Promise<void> => {
  const distributor = functions && distributorOf(functions);
  const facts = actions.map(({ secretId, versionId, reason }) => ({ secretId, versionId, reason }));
  await distributor?.applyLater(actions.map(({ secretId, versionId }) => ({ arn: secretId, versionId })));
  for (const one of facts) log.event(distributor ? "distribution.asked" : "distribution.not-asked", one);
};
