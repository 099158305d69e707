import { CURRENT, isCompromised, isCurrentToGoFirst, marks, PREVIOUS, versionWith } from "../../contracts/labels.ts";
import { isInUse } from "../../rotation/in-use.ts";
import { type Version, versionsOf } from "../observe/version.ts";
import { isKnownToWork, type Whereabouts, whereabouts } from "../observe/whereabouts.ts";

const replacedAtMs = ({ labels }: Version): number => marks("retiring", labels)[0]?.atMs ?? 0;

/** The current version of a version's secret, and where its key is. */
export const currentOf = ({ pass, key }: Pick<Version, "pass" | "key">): Whereabouts | undefined => {
  const currentId = versionWith(key.secret.stages, CURRENT);
  const current = versionsOf(pass, key).find(({ versionId }) => versionId === currentId);
  return current && whereabouts(current);
};

/**
 * Whether a replaced generation is known to have worked: AWS labels the one that was current last, and the vendor sees the calls of
 * others. A mark of ours does not tell: a value that a rotation left behind may have it, too.
 */
const hasWorked = (version: Version): boolean => {
  const where = whereabouts(version);
  return (
    where.kind === "live" && where.standing !== "refused" && (version.labels.includes(PREVIOUS) || isInUse(where.key))
  );
};

/**
 * A generation that was current after this one, and was replaced too, still works: it is what there is to go back to. Then this one
 * is not needed for that, and the slot that it holds may be the one which the next rotation needs.
 */
const hasLaterOne = (version: Version): boolean => {
  const { pass, key, versionId } = version;
  return versionsOf(pass, key).some(
    (other) =>
      other.versionId !== versionId &&
      replacedAtMs(other) > replacedAtMs(version) &&
      !isCompromised(other.labels) &&
      hasWorked(other),
  );
};

/** What is wrong with the generation that took a version's place; while it is not known to work, the old one is what works. */
export const successorsFlaw = (version: Version): string | undefined => {
  const current = currentOf(version);
  if (!current) return "no version is current";
  if (isCurrentToGoFirst(version.key.secret.stages)) return "the current key is to be revoked before it is replaced";
  if (isKnownToWork(current) || hasLaterOne(version)) return undefined;
  if (current.kind === "empty") return "the current version holds no key of Keyturn's";
  if (current.kind !== "live") return "the vendor does not list the current key as active";
  return current.standing === "refused"
    ? "the vendor refuses the current key"
    : "it could not be told whether the vendor takes the current key";
};

/** Why what a compromised key was replaced by is dead: then it is all that works. `undefined`: it is not. */
export const successorsDeath = (version: Version): string | undefined => {
  const current = currentOf(version);
  if (current?.kind === "live")
    return current.standing === "refused" ? "the vendor refuses the current key" : undefined;
  const isDead = (current?.kind === "revoked" || current?.kind === "unlisted") && !isKnownToWork(current);
  return isDead ? "the vendor does not list the current key as active" : undefined;
};
