import type { CallSite } from "./call-sites.ts";

/**
 * Places that no life of this stage reaches, by what would reach them. One that is reached all the same must be taken out
 * here, so that the list says the truth.
 */
export const NOT_YET: Readonly<Record<string, string>> = {
  "management/adopt.ts secrets.moveCurrent": "a key made by hand is adopted",
  "management/adopt.ts secrets.describe": "a key made by hand is adopted, by two callers at once",
  "management/adopt.ts secrets.put": "a key made by hand is adopted",
  "management/adoption.ts secrets.value": "a key made by hand is adopted",
  "management/adoption.ts vendor.isAdminKey": "a key made by hand is adopted",
  "management/adoption.ts vendor.verify": "a key made by hand is adopted",
  "management/adoption.ts vendor.list": "a key made by hand is adopted",
  "management/drop-label.ts secrets.removeLabel": "a destroyed key is declared again",
  "management/drop-label.ts secrets.describe": "two callers take off one label at once",
  "management/generation.ts secrets.describe": "two callers start a rotation at once",
  "reconciliation/labelling.ts secrets.addLabel": "a person moves AWSCURRENT",
  "reconciliation/labelling.ts secrets.addLabel 2": "a rotation is stuck past the stuck age",
  "reconciliation/labelling.ts secrets.removeLabel 2": "a rotation is stuck past the stuck age",
  "reconciliation/pending-times.ts secrets.versionTimes": "a rotation is stuck past the stuck age",
  "reconciliation/reclaiming.ts secrets.addLabel": "AWS leaves a version that was current without a label",
  "reconciliation/reclaiming.ts secrets.allVersionIds": "AWS leaves a version that was current without a label",
  "reconciliation/reclaiming.ts secrets.describe": "AWS leaves a version that was current without a label",
  "reconciliation/starting.ts secrets.removeLabel": "AWSPENDING is left over on a version that was current",
  "reconciliation/starting.ts secrets.removeLabel 2": "a generation is given up",
  "reconciliation/starting.ts secrets.value": "a key is revoked behind our back",
  "reconciliation/starting.ts vendor.verify": "a key is revoked behind our back",
  "rotation/abandon.ts secrets.addLabel": "a stored key never works",
  "rotation/abandon.ts secrets.removeLabel": "a stored key never works",
  "rotation/left-behind.ts secrets.allVersionIds": "a rotation that failed holds the last slot",
  "rotation/mint.ts vendor.list": "a vendor answers a create without the key's id",
  "rotation/mint.ts vendor.list 2": "a vendor answers a create with another name or access",
  "rotation/mint.ts vendor.revoke": "two runs mint at once",
  "rotation/test-secret.ts vendor.list": "a declaration changes while a rotation is under way",
};

export interface Visits {
  /** Places that nobody reached and that are not excused. */
  readonly unvisited: readonly string[];
  /** Excused ones that were reached. */
  readonly excusedInVain: readonly string[];
}

/** Holds what was reached against what there is. Pure. */
export const judgeVisits = (sites: readonly CallSite[], visited: ReadonlySet<string>): Visits => ({
  unvisited: sites.map(({ id }) => id).filter((id) => !visited.has(id) && !(id in NOT_YET)),
  excusedInVain: Object.keys(NOT_YET).filter((id) => visited.has(id) || !sites.some((site) => site.id === id)),
});
