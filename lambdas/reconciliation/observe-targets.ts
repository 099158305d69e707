import { CURRENT, versionWith } from "../contracts/labels.ts";
import { METRICS } from "../contracts/metrics.ts";
import type { ReconcileRequest } from "../contracts/reconcile.ts";
import { hasTargets } from "../contracts/target-tags.ts";
import { distributorOf } from "../distribution/distributor.ts";
import type { Invocation } from "../invocation.ts";
import type { Adoption } from "../rotation/retirement.ts";
import { adoptionFrom, unserved } from "./adoption.ts";
import { targetsDue } from "./due.ts";
import { withoutUnproven } from "./first-value.ts";
import type { Observation } from "./observation.ts";

/** What is kept of the function's time for deciding and acting. */
const KEPT_MS = 60_000;

interface SeenTargets {
  readonly observation: Observation;
  readonly errors: readonly unknown[];
}

const withAdoptions = (observation: Observation, adoptions: ReadonlyMap<string, Adoption>): Observation => ({
  ...observation,
  keys: observation.keys.map((key) => {
    const adoption = adoptions.get(key.secret.arn);
    return adoption ? { ...key, adoption } : key;
  }),
});

/** Targets in a service that has no `distribute` are something that it does not grant. */
const refuseAll = ({ log }: Invocation, observation: Observation): Observation => {
  const adoptions = new Map<string, Adoption>();
  for (const { secret } of observation.keys.filter((key) => hasTargets(key.secret.tags))) {
    const adoption = unserved(secret);
    adoptions.set(secret.arn, adoption);
    if (!adoption.adopted) log.event("targets.not-served", { secretName: secret.name, reason: adoption.reason });
  }
  if (adoptions.size > 0) log.metric(METRICS.requestsRefused, adoptions.size);
  return withAdoptions(observation, adoptions);
};

/**
 * Asks `distribute` how the targets stand that are due. What cannot be learned counts as not adopted: it keeps old keys, and
 * never revokes one.
 */
export const withTargets = async (
  invocation: Invocation,
  observation: Observation,
  request: ReconcileRequest,
): Promise<SeenTargets> => {
  const { clock, grants, log, remainingMs, functions } = invocation;
  const distributor = functions && distributorOf(functions);
  if (!distributor) return { observation: refuseAll(invocation, observation), errors: [] };
  const due = targetsDue(observation, request, grants).map((key) => ({
    key,
    versionId: versionWith(key.secret.stages, CURRENT) ?? "",
  }));
  if (due.length === 0) return { observation, errors: [] };
  const asked = due.map(({ key, versionId }) => ({ arn: key.secret.arn, versionId }));
  const answer = await distributor.ask("observe", asked, { clock, remainingMs: () => remainingMs() - KEPT_MS });
  for (const error of answer.errors) log.failure("targets.not-seen", error);
  const seen = due.map(({ key, versionId }) => ({ key, adoption: adoptionFrom(key.secret, versionId, answer) }));
  const proven = await withoutUnproven(invocation, seen, observation.nowMs);
  const adoptions = new Map(proven.map(({ key, adoption }) => [key.secret.arn, adoption] as const));
  return { observation: withAdoptions(observation, adoptions), errors: answer.errors };
};
