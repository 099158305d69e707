import type { PlannedChange } from "../protocol/provider.ts";
import { type ObjectValue, sameValue, UNKNOWN } from "../wire/value.ts";
import { claimOf, isImported } from "./claim.ts";
import { ALL_FACTS, CHANGING_FACTS } from "./schema.ts";
import { isHealthy } from "./state.ts";

const unknown = (facts: readonly string[]): ObjectValue => Object.fromEntries(facts.map((name) => [name, UNKNOWN]));

const changed = (name: string, prior: ObjectValue, planned: ObjectValue): boolean =>
  !sameValue(prior[name] ?? null, planned[name] ?? null);

/** What the service has to do for an update. The first that applies decides; `nothing` only changes the state. */
export type Work = "adopt" | "update" | "heal" | "nothing";

/**
 * The work of an update, by the state as it was read last and the planned one. An argument that is not known yet counts as
 * changed.
 */
export const workOf = (prior: ObjectValue, planned: ObjectValue): Work => {
  const isAdoption = changed("adopt_key_id", prior, planned) && planned.adopt_key_id !== null;
  if (isAdoption && changed("adopt_key_id", { adopt_key_id: prior.key_id ?? null }, planned)) return "adopt";
  if (["name", "role", "type"].some((name) => changed(name, prior, planned))) return "update";
  return isHealthy(prior.status) ? "nothing" : "heal";
};

/** An object without a claim of its own gets one with its next change; one that was imported, with the next apply. */
const claimPlanned = (prior: ObjectValue, planned: ObjectValue): ObjectValue => {
  const getsOne = claimOf(prior) === undefined && (isImported(prior) || !sameValue(prior, planned));
  return getsOne ? { claim: UNKNOWN } : {};
};

/** What is made anew. */
const anew = (proposed: ObjectValue): ObjectValue => ({ ...proposed, ...unknown(ALL_FACTS), claim: UNKNOWN });

/**
 * What an apply would change. Pure.
 * @param prior as it was read last; `null`: the key is to be made
 * @param proposed the configuration, with the prior state's facts
 * @param isOtherSecret whether the two are not of one secret
 * @returns facts that only an apply can tell as unknown
 */
export const planKey = (prior: ObjectValue | null, proposed: ObjectValue, isOtherSecret: boolean): PlannedChange => {
  if (!prior) return { planned: anew(proposed), replacedBy: [] };
  const replacedBy = [
    ...(isOtherSecret ? ["secret_id"] : []),
    ...(changed("vendor", prior, proposed) ? ["vendor"] : []),
  ];
  if (replacedBy.length > 0) return { planned: anew(proposed), replacedBy };
  const isWork = workOf(prior, proposed) !== "nothing";
  const planned = isWork ? { ...proposed, ...unknown(CHANGING_FACTS) } : proposed;
  return { planned: { ...planned, ...claimPlanned(prior, planned) }, replacedBy };
};
