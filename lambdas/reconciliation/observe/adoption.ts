import type { DistributeAnswer, TargetResult } from "../../contracts/distribute.ts";
import { CURRENT, marks, PREVIOUS, versionWith } from "../../contracts/labels.ts";
import { targetsOf } from "../../contracts/target-tags.ts";
import type { Adoption } from "../../rotation/retirement.ts";
import type { SecretFacts } from "../../secrets.ts";

/** How many targets a reason names; it is read by people. */
const MOST_NAMED = 5;

const listed = (texts: readonly string[]): string => {
  const more = texts.length - MOST_NAMED;
  return [...texts.slice(0, MOST_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
};

/** Since when the current version is to reach its targets, where the labels tell it: its predecessor is marked as it goes. */
const currentSinceMs = ({ stages, createdAtMs }: SecretFacts): number | undefined => {
  const replaced = Object.values(stages)
    .filter((labels) => !labels.includes(CURRENT))
    .flatMap((labels) => marks("retiring", labels).map(({ atMs }) => atMs));
  if (replaced.length > 0) return Math.max(...replaced);
  return versionWith(stages, PREVIOUS) === undefined ? createdAtMs : undefined;
};

const notAdopted = (secret: SecretFacts, reasons: readonly string[], behind = {}): Adoption => {
  const sinceMs = currentSinceMs(secret);
  return { adopted: false, reason: listed(reasons), ...(sinceMs === undefined ? {} : { sinceMs }), ...behind };
};

const whyNot = (id: string, result: TargetResult | undefined): readonly string[] => {
  if (result?.adopted) return [];
  const why = result ? (result.reason ?? result.code ?? "it gives no reason") : "distribute did not answer for it";
  return [`the target ${id} has not adopted: ${why}`];
};

/** The latest of the times before which a target cannot have adopted. */
const latest = (results: readonly TargetResult[]): number | undefined => {
  const times = results.map(({ since }) => Date.parse(since ?? "")).filter((time) => !Number.isNaN(time));
  return times.length > 0 ? Math.max(...times) : undefined;
};

const behindOf = (results: readonly TargetResult[]): { readonly behind?: string } => {
  const behind = results.filter((result) => result.behind);
  if (behind.length === 0) return {};
  return {
    behind: listed(
      behind.map(({ id, reason, note }) => `the target ${id}: ${reason ?? note ?? "it is not as it is to be"}`),
    ),
  };
};

/**
 * What the answer of `distribute` says of one key. Adopted is what every target says of itself: one that is declared and not
 * answered for has not adopted, nor has one whose answer is about another version.
 * @param versionId the version that was asked for, which is current
 */
export const adoptionFrom = (
  secret: SecretFacts,
  versionId: string,
  { targets, failed }: Pick<DistributeAnswer, "targets" | "failed">,
): Adoption => {
  const lost = failed.find(({ arn }) => arn === secret.arn);
  if (lost) return notAdopted(secret, [`how its targets stand is not known: ${lost.reason}`]);
  const results = targets.filter((one) => one.arn === secret.arn && one.versionId === versionId);
  const ids = new Set([...targetsOf(secret.tags), ...results].map(({ id }) => id));
  const reasons = [...ids].flatMap((id) => {
    const ofTarget = results.filter((result) => result.id === id);
    return whyNot(id, ofTarget.find(({ adopted }) => !adopted) ?? ofTarget[0]);
  });
  const behind = behindOf(results);
  if (reasons.length > 0) return notAdopted(secret, reasons, behind);
  const sinceMs = latest(results);
  return { adopted: true, ...(sinceMs === undefined ? {} : { sinceMs }), ...behind };
};

/** The adoption of targets that nothing serves: the service has no `distribute`. */
export const unserved = (secret: SecretFacts): Adoption => {
  const ids = targetsOf(secret.tags).map(({ id }) => id);
  return notAdopted(secret, [
    `its tags declare the targets ${ids.join(", ")}, and this service serves none; declare them in the service's app and deploy, or take the tags off`,
  ]);
};
