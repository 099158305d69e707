import { CURRENT, deniedSinceMs, isPendingElsewhere, versionWith } from "../contracts/labels.ts";
import { METRICS } from "../contracts/metrics.ts";
import { mintsWaitUntilMs } from "../rotation/in-vain.ts";
import type { Action } from "./action.ts";
import type { Wish } from "./finding.ts";
import type { ObservedKey } from "./observation.ts";
import type { Pass } from "./version.ts";

/**
 * One rotation for all that asks for it. None while AWSPENDING is on another version: then one is under way, and AWS starts
 * no second. A key whose rotation is turned off is a person's.
 */
export const startRotation = (
  { grants, observation }: Pass,
  { secret }: ObservedKey,
  wishes: readonly Wish[],
): readonly Action[] => {
  const currentVersionId = versionWith(secret.stages, CURRENT);
  if (wishes.length === 0 || currentVersionId === undefined || secret.deletedAtMs !== undefined) return [];
  // A key whose value cannot be stored would be minted and taken back again and again: denied.ts tells a person.
  if (deniedSinceMs(secret.stages) !== undefined) return [];
  const reasons = [...new Set(wishes.map(({ reason }) => reason))];
  if (!secret.rotationEnabled) {
    const reason = `${reasons.join("; ")}; but its rotation is turned off`;
    const facts = { secretName: secret.name, reason };
    const metric = METRICS.driftFound;
    return [{ kind: "report", secretId: secret.arn, action: "rotation.not-started", facts, metric }];
  }
  if (isPendingElsewhere(secret.stages)) return [];
  if (mintsWaitUntilMs(secret.stages, grants, observation.nowMs) !== undefined) return [];
  const clear = wishes.flatMap((wish) => (wish.clear ? [wish.clear] : []));
  const urgent = wishes.some((wish) => wish.urgent);
  return [{ kind: "rotate", secretId: secret.arn, reasons, urgent, currentVersionId, clear }];
};

/** How many rotations one pass starts: a change to a whole fleet does not mint for all of it at once. */
export const MOST_STARTS = 20;

const STARTING: ReadonlySet<Action["kind"]> = new Set(["rotate", "revive", "update"]);
const starts = ({ kind }: Action): boolean => STARTING.has(kind);
const isUrgent = (action: Action): boolean => action.kind === "revive" || (action.kind === "rotate" && action.urgent);

/** Leaves to the next passes what is more than one pass starts. Starts come last: what is revoked may free a slot. */
export const withinBrake = (actions: readonly Action[]): readonly Action[] => {
  const all = actions.filter(starts).toSorted((a, b) => Number(isUrgent(b)) - Number(isUrgent(a)));
  const postponed = all.length - MOST_STARTS;
  const rest = actions.filter((action) => !starts(action));
  if (postponed <= 0) return [...rest, ...all];
  const facts = { postponed, reason: `one pass starts ${MOST_STARTS} rotations at most` };
  return [...rest, ...all.slice(0, MOST_STARTS), { kind: "report", action: "rotation.postponed", facts }];
};
