import { CURRENT, versionWith } from "../contracts/labels.ts";
import { METRICS } from "../contracts/metrics.ts";
import type { Action, Revive } from "./action.ts";
import type { ObservedKey } from "./observation.ts";
import { type Pass, versionsOf } from "./version.ts";
import { isKnownToWork, whereabouts } from "./whereabouts.ts";

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
