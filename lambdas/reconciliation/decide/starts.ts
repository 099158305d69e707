import { CURRENT, deniedSinceMs, isPendingElsewhere, versionWith } from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import { mintsWaitUntilMs } from "../../rotation/in-vain.ts";
import type { ObservedKey } from "../observe/observation.ts";
import { type Pass, versionsOf } from "../observe/version.ts";
import { isKnownToWork, whereabouts } from "../observe/whereabouts.ts";
import type { Action, Revive } from "./action.ts";
import type { Wish } from "./finding.ts";

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

const HOUR_MS = 3_600_000;

const isDeath = (action: Action): action is Revive => action.kind === "revive";

/** A current key of the connection that was minted within the hour and works: then new keys help. */
const isFreshAndWorks = (pass: Pass, key: ObservedKey, connection: string): boolean => {
  const currentId = versionWith(key.secret.stages, CURRENT);
  const current = versionsOf(pass, key).find(({ versionId }) => versionId === currentId);
  const where = current && whereabouts(current);
  if (!where || !isKnownToWork(where) || !("key" in where) || where.connection !== connection) return false;
  return (where.key.createdAtMs ?? 0) >= pass.observation.nowMs - HOUR_MS;
};

/** Those that go first of many: one, another one each hour, until a new key is seen to work; then as many as the brake lets. */
const firstOf = (pass: Pass, deaths: readonly Revive[], connection: string): readonly Revive[] => {
  const helps = pass.observation.keys.some((key) => isFreshAndWorks(pass, key, connection));
  const sorted = deaths.toSorted((a, b) => (a.secretId < b.secretId ? -1 : 1));
  if (helps) return sorted.slice(0, pass.grants.maxReplacements);
  const turn = Math.floor(pass.observation.nowMs / HOUR_MS) % Math.max(1, sorted.length);
  return sorted.slice(turn, turn + 1);
};

const doubted = (connection: string, deaths: readonly Revive[], goes: number): Action => ({
  kind: "report",
  action: "deaths.doubted",
  metric: METRICS.deathsDoubted,
  facts: {
    connection,
    secretIds: deaths.map(({ secretId }) => secretId),
    reason: `the vendor refuses ${deaths.length} current keys at once, of which ${goes} are replaced in this pass; for all of them invoke reconcile with {"replaceDead": [ARNs]}`,
  },
});

/**
 * Doubts that many current keys of a connection died at once: their vendor may not be well. Those that it lists as revoked are replaced as
 * always, and those that a person names; of the others one is, and more when its successor works.
 */
export const withinDeaths = (pass: Pass, actions: readonly Action[]): readonly Action[] => {
  const kept = new Set<Action>();
  const reports: Action[] = [];
  const deaths = actions.filter(isDeath);
  const named = new Set(pass.request.replaceDead ?? []);
  for (const connection of new Set(deaths.map((death) => death.connection))) {
    const all = deaths.filter((death) => death.connection === connection);
    const isSure = ({ isListedRevoked, secretId }: Revive): boolean => isListedRevoked || named.has(secretId);
    const others = all.filter((death) => !isSure(death));
    const isMany = all.length > pass.grants.maxReplacements && others.length > 0;
    const go = isMany ? firstOf(pass, others, connection) : others;
    for (const death of [...all.filter(isSure), ...go]) kept.add(death);
    if (isMany) reports.push(doubted(connection, all, kept.size));
  }
  return [...actions.filter((action) => !isDeath(action) || kept.has(action)), ...reports];
};
