import type { PlannedChange } from "../protocol/provider.ts";
import { type ObjectValue, sameValue, textOf, UNKNOWN } from "../wire/value.ts";
import { ALL_FACTS, CHANGING_FACTS } from "./schema.ts";
import { sameSecret } from "./secret-id.ts";
import { isHealthy } from "./state.ts";

const unknown = (facts: readonly string[]): ObjectValue => Object.fromEntries(facts.map((name) => [name, UNKNOWN]));

const changed = (name: string, prior: ObjectValue, planned: ObjectValue): boolean =>
  !sameValue(prior[name] ?? null, planned[name] ?? null);

const isOtherSecret = (prior: ObjectValue, planned: ObjectValue): boolean => {
  const was = textOf(prior.secret_arn) ?? textOf(prior.secret_id);
  const becomes = textOf(planned.secret_id);
  return was === undefined || becomes === undefined || !sameSecret(was, becomes);
};

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

/**
 * What an apply would change. Pure.
 * @param prior as it was read last; `null`: the key is to be made
 * @param proposed the configuration, with the prior state's facts
 * @returns facts that only an apply can tell as unknown
 */
export const planKey = (prior: ObjectValue | null, proposed: ObjectValue): PlannedChange => {
  if (!prior) return { planned: { ...proposed, ...unknown(ALL_FACTS) }, replacedBy: [] };
  const replacedBy = [
    ...(isOtherSecret(prior, proposed) ? ["secret_id"] : []),
    ...(changed("vendor", prior, proposed) ? ["vendor"] : []),
  ];
  if (replacedBy.length > 0) return { planned: { ...proposed, ...unknown(ALL_FACTS) }, replacedBy };
  const isWork = workOf(prior, proposed) !== "nothing";
  return { planned: isWork ? { ...proposed, ...unknown(CHANGING_FACTS) } : proposed, replacedBy };
};
